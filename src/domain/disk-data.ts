import { type Disk, readDisks } from './disk.ts';
import { attribute, childElement, type ReadDocument, type ReadElement } from './xml.ts';

/** Where a disk's data lies, and how it is to be read. */
export interface DiskData {
  readonly target: string;
  /** QEMU's name of the format; libvirt takes a disk without one for raw. */
  readonly format: string;
  readonly place:
    | { readonly kind: 'path'; readonly path: string }
    | { readonly kind: 'volume'; readonly pool: string; readonly volume: string }
    | { readonly kind: 'unreadable'; readonly reason: string };
  /** The images below it, from the top, where the definition names them; it hardly ever does. */
  readonly backing: readonly string[] | undefined;
}

/** The hard disks of a definition with data of their own, in document order. */
export function readDiskData(definition: ReadDocument): DiskData[] {
  return readDisks(definition)
    .filter(({ device, element }) => (device === 'disk' || device === 'lun') && childElement(element, 'source'))
    .map((disk) => ({
      target: disk.target,
      format: formatOf(disk.element),
      place: placeOf(disk),
      backing: backingOf(disk.element),
    }));
}

function formatOf(disk: ReadElement): string {
  return attribute(childElement(disk, 'driver'), 'type') ?? 'raw';
}

function placeOf({ element }: Disk): DiskData['place'] {
  const source = childElement(element, 'source');
  if (source === undefined) return { kind: 'unreadable', reason: 'has no source' };
  const of = (name: string): string => attribute(source, name) ?? '';
  const isWithin = (name: string): boolean => [element, source].some((one) => childElement(one, name) !== undefined);
  if (isWithin('encryption')) return { kind: 'unreadable', reason: 'is encrypted by the host' };
  if (isWithin('slices')) return { kind: 'unreadable', reason: 'is a slice of an image' };
  if (isWithin('dataStore')) return { kind: 'unreadable', reason: 'keeps its data in another image' };
  switch (attribute(element, 'type')) {
    case 'file':
      return { kind: 'path', path: of('file') };
    case 'block':
      return { kind: 'path', path: of('dev') };
    case 'volume':
      return { kind: 'volume', pool: of('pool'), volume: of('volume') };
    default:
      return { kind: 'unreadable', reason: 'is neither a file nor a block device of this host' };
  }
}

function backingOf(image: ReadElement): string[] | undefined {
  const store = childElement(image, 'backingStore');
  if (store === undefined) return undefined;
  const source = childElement(store, 'source');
  if (source === undefined) return [];
  const path = attribute(source, 'file') ?? attribute(source, 'dev') ?? '';
  return [path, ...(backingOf(store) ?? [])];
}
