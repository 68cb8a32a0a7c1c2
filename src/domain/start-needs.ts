import { readDiskNeeds } from './disk-needs.ts';
import { attribute, type ReadDocument, type ReadElement, readDefinition, selectElements, selectText } from './xml.ts';

/** Something on the host's file system that has to be there. */
export interface PathNeed {
  readonly kind: 'file' | 'device' | 'folder';
  /** Absolute. */
  readonly path: string;
  /** What it is to the guest, for people: `the medium in 'hdc'`. */
  readonly purpose: string;
  /** `machine` is all that is neither the emulator, nor a disk, nor below one. */
  readonly role: 'disk' | 'medium' | 'backing' | 'emulator' | 'machine';
  /** The disk's target name. */
  readonly disk?: string;
}

/** A volume of a storage pool, which has to be active. */
export interface VolumeNeed {
  readonly kind: 'volume';
  readonly pool: string;
  readonly volume: string;
  readonly purpose: string;
  readonly role: 'disk' | 'medium';
  readonly disk: string;
}

/** A libvirt network that has to be active, or a network device of the host (a bridge, a card). */
export interface NetworkNeed {
  readonly kind: 'network' | 'network-device';
  readonly name: string;
  /** The address of the interface that it is for. */
  readonly mac: string;
}

/** What of its host a guest needs to be started. */
export type StartNeed = PathNeed | VolumeNeed | NetworkNeed;

/**
 * What a definition needs of its host to be started, as far as it names it: images, media, firmware, folders, networks.
 * Not told: what is reached over a network, devices that are passed through, secrets, and the UEFI variables, which
 * libvirt makes from their template.
 */
export function readStartNeeds(text: string): StartNeed[] {
  const definition = readDefinition(text);
  return [...readMachineNeeds(definition), ...readDiskNeeds(definition), ...readInterfaceNeeds(definition)];
}

/** The elements that hold a path as their text, or in an attribute where one is named. */
interface MachineRule {
  readonly kind: PathNeed['kind'];
  readonly element: string;
  readonly attribute?: string;
  readonly purpose: string;
}

const EMULATOR = 'devices/emulator';

const MACHINE_RULES: readonly MachineRule[] = [
  { kind: 'file', element: EMULATOR, purpose: 'the emulator' },
  { kind: 'file', element: 'os/loader', purpose: 'the firmware' },
  { kind: 'file', element: 'os/kernel', purpose: 'the kernel' },
  { kind: 'file', element: 'os/initrd', purpose: 'the initrd' },
  { kind: 'file', element: 'os/dtb', purpose: 'the device tree' },
  { kind: 'file', element: 'os/acpi/table', purpose: 'an ACPI table' },
  {
    kind: 'file',
    element: 'devices/filesystem/binary',
    attribute: 'path',
    purpose: 'the program that shares a folder',
  },
  { kind: 'folder', element: 'devices/filesystem/source', attribute: 'dir', purpose: 'a shared folder' },
  { kind: 'device', element: "devices/serial[@type='dev']/source", attribute: 'path', purpose: 'a serial port' },
  { kind: 'device', element: "devices/parallel[@type='dev']/source", attribute: 'path', purpose: 'a parallel port' },
  { kind: 'device', element: "devices/console[@type='dev']/source", attribute: 'path', purpose: 'the console' },
  { kind: 'device', element: "devices/tpm/backend[@type='passthrough']/device", attribute: 'path', purpose: 'the TPM' },
  { kind: 'device', element: "devices/rng/backend[@model='random']", purpose: 'the source of random numbers' },
];

function readMachineNeeds(definition: ReadDocument): PathNeed[] {
  return MACHINE_RULES.flatMap(({ kind, element, attribute: name, purpose }) =>
    selectElements(definition, `/domain/${element}`)
      .map((found) => (name === undefined ? found.textContent : attribute(found, name)) ?? '')
      .filter((path) => path.startsWith('/'))
      .map((path) => ({ kind, path, purpose, role: element === EMULATOR ? 'emulator' : 'machine' }) as const),
  );
}

function readInterfaceNeeds(definition: ReadDocument): NetworkNeed[] {
  return selectElements(definition, '/domain/devices/interface').flatMap((device) => {
    const need = interfaceNeed(device);
    return need === undefined || need.name === '' ? [] : [need];
  });
}

function interfaceNeed(device: ReadElement): NetworkNeed | undefined {
  const mac = selectText(device, 'mac/@address') ?? '';
  const source = (name: string): string => selectText(device, `source/@${name}`) ?? '';
  switch (attribute(device, 'type')) {
    case 'network':
      return { kind: 'network', name: source('network'), mac };
    case 'bridge':
      // Open vSwitch and its like keep bridges that the kernel need not know.
      if (selectElements(device, 'virtualport').length > 0) return undefined;
      return { kind: 'network-device', name: source('bridge'), mac };
    case 'direct':
      return { kind: 'network-device', name: source('dev'), mac };
    default:
      return undefined;
  }
}
