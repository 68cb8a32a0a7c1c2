import type { Clone, CloneParts } from './clone.ts';
import { attribute, childElement, childElements, type Document, type Element, removeElement } from './xml.ts';

/** What becomes of a device: it stays, made over where it must be, or it goes, and its name is what the clone goes without. */
type Fate = 'kept' | { readonly without: string; readonly maybeNeeded?: boolean };

/** Makes a device over in its place. */
type Rule = (device: Element, parts: CloneParts) => Fate;

const keep: Rule = () => 'kept';

const AGENT_CHANNEL = 'org.qemu.guest_agent.0';

/** Kinds of devices that are not named here go: nobody knows what they reach. */
const RULES: Readonly<Record<string, Rule>> = {
  emulator: keep,
  controller: keep,
  memballoon: keep,
  panic: keep,
  iommu: keep,
  hub: keep,
  nvram: keep, // of pseries: in QEMU's memory
  disk: cloneDisk,
  // evdev and passthrough take a device of the host's
  input: (device) =>
    ['keyboard', 'mouse', 'tablet'].includes(attribute(device, 'type') ?? '') ? 'kept' : { without: 'input device' },
  video: cloneVideo,
  watchdog(device) {
    device.setAttribute('action', 'none'); // `dump` would write to the host's disk
    return 'kept';
  },
  rng: cloneRng,
  tpm: cloneTpm,
  memory: (device) =>
    attribute(device, 'model') === 'dimm' && childElement(device, 'source') === undefined
      ? 'kept'
      : { without: 'memory device', maybeNeeded: true },
  serial: (device, parts) => cloneTerminal(device, parts),
  // libvirt makes the first one of a serial port anew
  console: (device, parts) => (targetType(device) === 'serial' ? { without: '' } : cloneTerminal(device, parts)),
  channel(device) {
    const target = childElement(device, 'target');
    if (target === undefined || attribute(target, 'name') !== AGENT_CHANNEL) return { without: 'channel' };
    emptyTerminal(device);
    device.setAttribute('type', 'unix'); // libvirt gives it a socket of its own
    return 'kept';
  },
  interface: () => ({ without: 'network card' }),
  filesystem: () => ({ without: 'shared folder', maybeNeeded: true }),
  hostdev: () => ({ without: 'passed-through device', maybeNeeded: true }),
  graphics: () => ({ without: '' }),
  sound: () => ({ without: '' }),
  audio: () => ({ without: '' }),
};

/** Make the devices of a definition over, in place, so that none reaches beyond the clone. */
export function cloneDevices(devices: Element, parts: CloneParts): Pick<Clone, 'leftOut' | 'maybeNeeded'> {
  const counts = new Map<string, number>();
  const maybeNeeded = new Set<string>();
  let hasConsole = false;
  for (const device of childElements(devices)) {
    const fate = RULES[device.nodeName]?.(device, parts) ?? { without: device.nodeName };
    if (fate === 'kept') {
      const isTerminal = device.nodeName === 'serial' || device.nodeName === 'console';
      if (isTerminal && hasConsole) silence(device);
      hasConsole ||= isTerminal;
      if (device.nodeName === 'tpm') maybeNeeded.add('the keys in its TPM');
      continue;
    }
    removeElement(device);
    if (fate.without === '') continue;
    counts.set(fate.without, (counts.get(fate.without) ?? 0) + 1);
    if (fate.maybeNeeded === true) maybeNeeded.add(`a ${fate.without}`);
  }
  return {
    leftOut: [...counts].map(([what, count]) => `${count} ${what}${count === 1 ? '' : 's'}`),
    maybeNeeded: [...maybeNeeded],
  };
}

/** Where they stand in a disk, these name what is on the host, or belong to what is done with the guest's own image. */
const NOT_OF_AN_OVERLAY = [
  'source',
  'backingStore',
  'mirror',
  'auth',
  'encryption',
  'iotune',
  'shareable',
  'transient',
  'privateData',
];
/** Those of `<driver>` that go with the image, its storage, or what is to become of errors. */
const NOT_OF_ITS_DRIVER = ['io', 'error_policy', 'rerror_policy', 'detect_zeroes', 'copy_on_read'];

function cloneDisk(disk: Element, { overlays }: CloneParts): Fate {
  const device = attribute(disk, 'device') ?? 'disk';
  disk.removeAttribute('snapshot');
  for (const name of ['sgio', 'rawio']) disk.removeAttribute(name);
  const target = childElement(disk, 'target');
  const overlay = overlays.get(target === undefined ? '' : (attribute(target, 'dev') ?? ''));
  if (device !== 'disk' && device !== 'lun') return emptyDrive(disk);
  if (overlay === undefined) return { without: 'empty disk' };
  disk.setAttribute('device', 'disk'); // of a LUN, too
  for (const name of NOT_OF_AN_OVERLAY) for (const element of childElements(disk, name)) removeElement(element);
  const driver = childElement(disk, 'driver') ?? append(disk, 'driver');
  for (const name of NOT_OF_ITS_DRIVER) driver.removeAttribute(name);
  for (const child of childElements(driver)) removeElement(child);
  driver.setAttribute('name', 'qemu');
  driver.setAttribute('type', 'qcow2');
  driver.setAttribute('cache', 'unsafe'); // it is thrown away: nobody need wait for the host's disk
  disk.setAttribute('type', 'file');
  append(disk, 'source').setAttribute('file', overlay);
  return 'kept';
}

/** A CD-ROM or floppy drive stays, without its medium. */
function emptyDrive(drive: Element): Fate {
  drive.setAttribute('type', 'file');
  for (const name of NOT_OF_AN_OVERLAY) for (const element of childElements(drive, name)) removeElement(element);
  return 'kept';
}

function cloneVideo(video: Element): Fate {
  const model = childElement(video, 'model');
  if (model === undefined) return 'kept';
  // acceleration takes the host's graphics; qxl is for SPICE
  for (const child of childElements(model, 'acceleration')) removeElement(child);
  if (attribute(model, 'type') === 'qxl') {
    for (const { name } of Array.from(model.attributes)) model.removeAttribute(name);
    model.setAttribute('type', 'vga');
  }
  return 'kept';
}

function cloneRng(rng: Element): Fate {
  for (const backend of childElements(rng, 'backend')) removeElement(backend);
  const backend = append(rng, 'backend');
  backend.setAttribute('model', 'random');
  backend.textContent = '/dev/urandom';
  return 'kept';
}

/** An emulated one begins empty: libvirt keeps its state by the UUID of the clone. */
function cloneTpm(tpm: Element): Fate {
  const backend = childElement(tpm, 'backend');
  if (backend === undefined || attribute(backend, 'type') !== 'emulator')
    return { without: 'passed-through TPM', maybeNeeded: true };
  for (const child of childElements(backend)) removeElement(child);
  backend.removeAttribute('persistent_state');
  return 'kept';
}

function cloneTerminal(terminal: Element, { console }: CloneParts): Fate {
  emptyTerminal(terminal);
  terminal.setAttribute('type', 'file');
  append(terminal, 'source').setAttribute('path', console);
  return 'kept';
}

/** Two can't write to one file. */
function silence(terminal: Element): void {
  emptyTerminal(terminal);
  terminal.setAttribute('type', 'null');
}

function emptyTerminal(terminal: Element): void {
  terminal.removeAttribute('tty');
  for (const name of ['source', 'protocol', 'log'])
    for (const element of childElements(terminal, name)) removeElement(element);
}

function targetType(device: Element): string {
  const target = childElement(device, 'target');
  return (target && attribute(target, 'type')) ?? 'serial';
}

function append(parent: Element, name: string): Element {
  const element = (parent.ownerDocument as Document).createElement(name);
  parent.appendChild(element);
  return element;
}
