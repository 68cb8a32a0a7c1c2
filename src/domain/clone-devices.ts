import type { CloneParts } from './clone.ts';
import { attribute, childElement, childElements, type Document, type Element, removeElement } from './xml.ts';

/** What becomes of a device: it stays, made over where it must be, or it goes, and its name is what the clone goes without. */
type Fate = 'kept' | { readonly without: string };

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
      : { without: 'memory device' },
  serial: (device, parts) => cloneTerminal(device, parts),
  // libvirt makes the first one of a serial port anew
  console: (device, parts) => (targetType(device) === 'serial' ? { without: '' } : cloneTerminal(device, parts)),
  channel(device) {
    if (attribute(childElement(device, 'target'), 'name') !== AGENT_CHANNEL) return { without: 'channel' };
    emptyTerminal(device);
    device.setAttribute('type', 'unix'); // libvirt gives it a socket of its own
    return 'kept';
  },
  interface: () => ({ without: 'network card' }),
  filesystem: () => ({ without: 'shared folder' }),
  hostdev: () => ({ without: 'passed-through device' }),
  graphics: () => ({ without: '' }),
  sound: () => ({ without: '' }),
  audio: () => ({ without: '' }),
};

/**
 * Make the devices of a definition over, in place, so that none reaches beyond the clone.
 * @returns what it goes without, for people.
 */
export function cloneDevices(devices: Element, parts: CloneParts): string[] {
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  for (const device of childElements(devices)) {
    const kind = KINDS_OF_ONE[device.nodeName];
    const fate = RULES[device.nodeName]?.(device, parts) ?? { without: device.nodeName };
    if (fate !== 'kept') {
      removeElement(device);
      if (fate.without !== '') counts.set(fate.without, (counts.get(fate.without) ?? 0) + 1);
    } else if (kind !== undefined) {
      if (seen.has(kind)) ONE_MORE[kind](device);
      seen.add(kind);
    }
  }
  return [...counts].map(([what, count]) => `${count} ${what}${count === 1 ? '' : 's'}`);
}

/** Of these the first one is what it seems. */
const KINDS_OF_ONE: Readonly<Record<string, keyof typeof ONE_MORE>> = {
  serial: 'terminal',
  console: 'terminal',
  video: 'screen',
};

const ONE_MORE = {
  terminal: silence, // two can't write to one file
  screen: removeElement, // "video type 'vga' is only valid as primary video device"
} as const;

/** All that is kept of a disk; the rest names what is on the host, or belongs to what is done with the guest's own image. */
const KEPT_OF_DISK: ReadonlySet<string> = new Set([
  'driver',
  'target',
  'serial',
  'wwn',
  'vendor',
  'product',
  'boot',
  'readonly',
  'geometry',
  'blockio',
  'address',
  'alias',
]);

/** Those of `<driver>` that go with the image, its storage, or what is to become of errors. */
const NOT_OF_ITS_DRIVER = ['io', 'error_policy', 'rerror_policy', 'detect_zeroes', 'copy_on_read'];

/** What a system writes at boot is far less; one that wants to fill the host's disk is seen before it has. */
const WRITE_BYTES_PER_SECOND = 64 * 1024 * 1024;

function cloneDisk(disk: Element, { overlays }: CloneParts): Fate {
  const device = attribute(disk, 'device') ?? 'disk';
  disk.removeAttribute('snapshot');
  for (const name of ['sgio', 'rawio']) disk.removeAttribute(name);
  const overlay = overlays.get(attribute(childElement(disk, 'target'), 'dev') ?? '');
  if (device !== 'disk' && device !== 'lun') return emptyDrive(disk);
  if (overlay === undefined) return { without: 'empty disk' };
  disk.setAttribute('device', 'disk'); // of a LUN, too
  dropOthers(disk);
  const driver = childElement(disk, 'driver') ?? append(disk, 'driver');
  for (const name of NOT_OF_ITS_DRIVER) driver.removeAttribute(name);
  for (const child of childElements(driver)) removeElement(child);
  driver.setAttribute('name', 'qemu');
  driver.setAttribute('type', 'qcow2');
  driver.setAttribute('cache', 'unsafe'); // it is thrown away: nobody need wait for the host's disk
  disk.setAttribute('type', 'file');
  append(disk, 'source').setAttribute('file', overlay);
  append(append(disk, 'iotune'), 'write_bytes_sec').textContent = String(WRITE_BYTES_PER_SECOND);
  return 'kept';
}

/** A CD-ROM or floppy drive stays, without its medium. */
function emptyDrive(drive: Element): Fate {
  drive.setAttribute('type', 'file');
  dropOthers(drive);
  return 'kept';
}

function dropOthers(disk: Element): void {
  for (const element of childElements(disk)) if (!KEPT_OF_DISK.has(element.nodeName)) removeElement(element);
}

function cloneVideo(video: Element): Fate {
  const model = childElement(video, 'model');
  // vhost-user's process and shared memory are not the clone's
  for (const child of childElements(video, 'driver')) removeElement(child);
  if (model === undefined) return 'kept';
  model.removeAttribute('blob');
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
  if (backend === undefined || attribute(backend, 'type') !== 'emulator') return { without: 'passed-through TPM' };
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
  return attribute(childElement(device, 'target'), 'type') ?? 'serial';
}

function append(parent: Element, name: string): Element {
  const element = (parent.ownerDocument as Document).createElement(name);
  parent.appendChild(element);
  return element;
}
