import type { EmulatedBus } from './emulated-bus.ts';
import { createLately } from './lately.ts';
import { hangsOnEmulatedController } from './scsi-controller.ts';
import {
  attribute,
  childElement,
  childElements,
  type ElementOf,
  type ReadDocument,
  type ReadElement,
  readDefinition,
  selectElements,
} from './xml.ts';

/** One `<disk>` of a definition, of whatever device. */
export interface Disk<E extends ReadElement = ReadElement> {
  /** Its place in the definition it was read from. */
  readonly element: E;
  readonly target: string;
  readonly bus: string;
  /** `disk`, `cdrom`, `floppy` or `lun`. */
  readonly device: string;
  /** The bus it is emulated on, or undefined for paravirtual disks and whatever else virtioize leaves alone. */
  readonly emulated: EmulatedBus | undefined;
  /** Where its data lies, for people. */
  readonly source: string;
}

/** All disks of a definition, in document order, CD-ROMs, floppies and LUNs included. */
export function readDisks<N extends ReadDocument>(definition: N): Disk<ElementOf<N>>[] {
  return selectElements(definition, '/domain/devices/disk').map((element) => readDisk(element));
}

const lately = createLately<readonly Disk[]>((text) => readDisks(readDefinition(text)));

/** The same of a definition's text, for whoever only reads: see `readDefinition`. Their elements stand in that very document. */
export function disksOf(text: string): readonly Disk[] {
  return lately.of(text);
}

/** The disks that are emulated on one of `buses`, in document order. */
export function emulatedDisks(disks: readonly Disk[], buses: ReadonlySet<EmulatedBus>): Disk[] {
  return disks.filter(({ emulated }) => emulated !== undefined && buses.has(emulated));
}

function readDisk<E extends ReadElement>(element: E): Disk<E> {
  const target = childElement(element, 'target');
  const bus = attribute(target, 'bus') ?? '';
  const device = attribute(element, 'device') ?? 'disk';
  const emulated = device === 'disk' ? emulatedBus(element, bus) : undefined;
  return { element, target: attribute(target, 'dev') ?? '', bus, device, emulated, source: describeSource(element) };
}

function emulatedBus(element: ReadElement, bus: string): EmulatedBus | undefined {
  if (bus === 'ide' || bus === 'sata' || bus === 'usb') return bus;
  if (bus === 'scsi' && hangsOnEmulatedController(element)) return bus;
  return undefined;
}

/** Of the types that one attribute of `<source>` describes: which one it is. */
const DESCRIBED_BY: ReadonlyMap<string, string> = new Map([
  ['file', 'file'],
  ['block', 'dev'],
  ['dir', 'dir'],
]);

function describeSource(disk: ReadElement): string {
  const source = childElement(disk, 'source');
  if (source === undefined) return '';
  const type = attribute(disk, 'type') ?? 'unknown';
  const name = DESCRIBED_BY.get(type);
  return name === undefined ? describeOtherSource(type, source) : (attribute(source, name) ?? '');
}

function describeOtherSource(type: string, source: ReadElement): string {
  const text = (name: string): string => attribute(source, name) ?? '';
  if (type === 'volume') return `${text('pool')}/${text('volume')}`;
  if (type !== 'network') return text('path') || text('dev') || `${type} source`;
  const hosts = childElements(source, 'host').map((host) => attribute(host, 'name') ?? attribute(host, 'socket') ?? '');
  return [`${text('protocol')}:${text('name')}`, ...hosts].join(' ');
}

/** Attributes of `<source>` that name an image; `index` and the like belong to a running instance. */
const SOURCE_ATTRIBUTES = ['file', 'dev', 'dir', 'protocol', 'name', 'pool', 'volume', 'type', 'path', 'namespace'];

/** Equal for two disks exactly where they use the same image. Empty where there is no source. */
export function sourceKey({ element }: Disk): string {
  const source = childElement(element, 'source');
  if (source === undefined) return '';
  const own = SOURCE_ATTRIBUTES.flatMap((name) => {
    const value = attribute(source, name);
    return value === undefined ? [] : [[name, value]];
  });
  const hosts = childElements(source, 'host').map((host) =>
    ['name', 'port', 'transport', 'socket'].map((name) => attribute(host, name) ?? ''),
  );
  const pci = childElements(source, 'address').map((address) =>
    Array.from(address.attributes).map(({ name, value }) => [name, value]),
  );
  if (own.length + hosts.length + pci.length === 0) return '';
  return JSON.stringify([attribute(element, 'type'), own, hosts, pci]);
}
