import { attribute, childElement, type ReadDocument, type ReadElement, selectElements, selectText } from './xml.ts';

/** The devices other than disks that only the running instance has, each as a short phrase for people. */
export function findLiveOnlyDevices(stored: ReadDocument, running: ReadDocument): string[] {
  return RULES.flatMap(({ name, isSame, describe }) => {
    const known = selectElements(stored, `/domain/devices/${name}`);
    return selectElements(running, `/domain/devices/${name}`).flatMap((device) => {
      const place = known.findIndex((one) => isSame(one, device));
      if (place === -1) return [describe(device)];
      const [twin] = known.splice(place, 1);
      return name === 'interface' && twin !== undefined ? findMovedInterface(twin, device) : [];
    });
  });
}

/** How devices of one kind are told apart in the two definitions. Each stored one stands for one that runs. */
interface Rule {
  readonly name: string;
  readonly isSame: (stored: ReadElement, running: ReadElement) => boolean;
  readonly describe: (running: ReadElement) => string;
}

const RULES: readonly Rule[] = [
  {
    name: 'interface',
    isSame: (stored, running) => macOf(stored) === macOf(running),
    describe: (device) => `the network interface ${macOf(device)}`,
  },
  { name: 'hostdev', isSame: isSameHostDevice, describe: describeHostDevice },
  {
    name: 'memory',
    isSame: (stored, running) =>
      attribute(stored, 'model') === attribute(running, 'model') && memorySize(stored) === memorySize(running),
    describe: (device) => `a memory module of ${memorySize(device)}`,
  },
  {
    name: 'filesystem',
    isSame: (stored, running) => selectText(stored, 'target/@dir') === selectText(running, 'target/@dir'),
    describe: (device) => `the shared folder '${selectText(device, 'target/@dir') ?? ''}'`,
  },
  countedDevice('rng', 'a random number generator'),
  countedDevice('tpm', 'a TPM'),
  countedDevice('watchdog', 'a watchdog'),
  countedDevice('shmem', 'a shared memory device'),
  countedDevice('vsock', 'a vsock device'),
];

/** Devices that nobody needs to tell apart: what counts is how many there are. */
function countedDevice(name: string, phrase: string): Rule {
  return { name, isSame: () => true, describe: () => phrase };
}

function macOf(device: ReadElement): string {
  return selectText(device, 'mac/@address') ?? '';
}

/**
 * An interface that was moved while the guest runs. A running instance shows a libvirt network as what it is made of
 * (`type='bridge'`) beside the network's name, so that only what both definitions name is compared.
 */
function findMovedInterface(stored: ReadElement, running: ReadElement): string[] {
  for (const kind of ['network', 'bridge', 'dev']) {
    const [before, now] = [selectText(stored, `source/@${kind}`), selectText(running, `source/@${kind}`)];
    if (before === undefined || now === undefined) continue;
    return before === now ? [] : [`the network interface ${macOf(running)} on '${now}' instead of '${before}'`];
  }
  return [];
}

/** Of a USB device named by vendor and product, the running instance also tells the address: all that is stored counts. */
function isSameHostDevice(stored: ReadElement, running: ReadElement): boolean {
  const facts = new Set(hostDeviceFacts(running));
  return hostDeviceFacts(stored).every((fact) => facts.has(fact));
}

function hostDeviceFacts(device: ReadElement): string[] {
  const source = childElement(device, 'source');
  const parts = source === undefined ? [] : selectElements(source, './/*');
  const facts = parts.flatMap((part) =>
    Array.from(part.attributes).map(({ name, value }) => `${part.nodeName} ${name}=${value}`),
  );
  const own = ['protocol', 'name', 'wwpn'].flatMap((name) => {
    const value = attribute(source, name);
    return value === undefined ? [] : [`source ${name}=${value}`];
  });
  return [`type=${attribute(device, 'type')}`, ...own, ...facts];
}

function describeHostDevice(device: ReadElement): string {
  const type = attribute(device, 'type') ?? 'unknown';
  const value = (path: string): string => (selectText(device, `source/${path}`) ?? '').replace(/^0x/, '');
  const [vendor, uuid] = [value('vendor/@id'), value('address/@uuid')];
  const where = {
    pci: `${value('address/@domain')}:${value('address/@bus')}:${value('address/@slot')}.${value('address/@function')}`,
    usb: vendor === '' ? `${value('address/@bus')}:${value('address/@device')}` : `${vendor}:${value('product/@id')}`,
    mdev: uuid,
  }[type];
  return `a host device (${where === undefined ? type : `${type} ${where}`})`;
}

/** For people, in MiB. Of a module that grows and shrinks (virtio-mem), what it was asked to be. */
function memorySize(device: ReadElement): string {
  const size = selectElements(device, 'target/requested')[0] ?? selectElements(device, 'target/size')[0];
  const amount = Number(size?.textContent ?? 0);
  const unit = attribute(size, 'unit') ?? 'KiB';
  return unit === 'KiB' ? `${amount / 1024} MiB` : `${amount} ${unit}`;
}
