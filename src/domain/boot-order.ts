import { type Disk, readDisks } from './disk.ts';
import { diskIndex } from './disk-name.ts';
import {
  attribute,
  childElement,
  type Document,
  definitionOf,
  type Element,
  type ElementOf,
  insertElement,
  type ReadDocument,
  type ReadElement,
  removeElement,
  selectElements,
} from './xml.ts';

/** What the kinds of boot device are among the disks; a LUN is a hard disk too. */
const DISK_KINDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['hd', ['disk', 'lun']],
  ['cdrom', ['cdrom']],
  ['fd', ['floppy']],
]);

/** The device that each `<os><boot dev>` stands for, in their order. */
function bootDevices<N extends ReadDocument>(definition: N): (ElementOf<N> | undefined)[] {
  const disks = readDisks(definition);
  return bootElements(definition).map((boot) => bootDevice(boot, definition, disks));
}

/**
 * The device that `<boot dev>` stands for: the first of its kind in libvirt's order (src/qemu/qemu_process.c,
 * qemuProcessPrepareDeviceBootorder).
 */
function bootDevice<N extends ReadDocument>(
  boot: ReadElement,
  definition: N,
  disks: readonly Disk<ElementOf<N>>[],
): ElementOf<N> | undefined {
  const kind = attribute(boot, 'dev') ?? '';
  if (kind === 'network') return selectElements(definition, '/domain/devices/interface')[0];
  const devices = DISK_KINDS.get(kind) ?? [];
  let first: Disk<ElementOf<N>> | undefined;
  for (const disk of disks)
    if (devices.includes(disk.device) && (first === undefined || comesBefore(disk, first, disks))) first = disk;
  return first?.element;
}

/**
 * Whether libvirt, when it reads a definition, puts a disk before another one: those of one bus together, sorted by the
 * index of their names; buses in the order of their first disk (src/conf/domain_conf.c, virDomainDiskInsert).
 */
function comesBefore(disk: Disk, other: Disk, disks: readonly Disk[]): boolean {
  if (disk.bus === other.bus) return indexOf(disk) < indexOf(other);
  const place = ({ bus }: Disk): number => disks.findIndex((one) => one.bus === bus);
  return place(disk) < place(other);
}

function indexOf({ target }: Disk): number {
  return diskIndex(target) ?? -1;
}

function bootElements<N extends ReadDocument>(definition: N): ElementOf<N>[] {
  return selectElements(definition, '/domain/os/boot').filter((boot) => boot.hasAttribute('dev'));
}

/**
 * Whether another device would boot where the disks of a definition were as `moved` says.
 * @param disks those of the definition. @param moved the same ones, in the same order.
 */
export function displacesBootDevices(
  definition: ReadDocument,
  disks: readonly Disk[],
  moved: readonly Disk[],
): boolean {
  return bootElements(definition).some(
    (boot) => bootDevice(boot, definition, disks) !== bootDevice(boot, definition, moved),
  );
}

/**
 * Run `rewrite`, which changes disks of `definition` in place, so that every boot device stays the one it was: where
 * another disk would come first, `<os><boot dev>` gives way to `<boot order>` on the very devices that it stood for.
 */
export function keepBootDevices(definition: Document, rewrite: () => void): void {
  const before = bootDevices(definition);
  rewrite();
  const after = bootDevices(definition);
  if (before.every((device, position) => device === after[position])) return;
  for (const boot of bootElements(definition)) removeElement(boot);
  const ordered = lastMentions(before.filter((device) => device !== undefined));
  ordered.forEach((device, position) => {
    writeBootOrder(device, position + 1);
  });
}

/** Where a device is named twice, libvirt counts the last time. */
function lastMentions(devices: readonly Element[]): Element[] {
  return devices.filter((device, position) => devices.lastIndexOf(device) === position);
}

function writeBootOrder(device: Element, order: number): void {
  const boot = definitionOf(device).createElement('boot');
  boot.setAttribute('order', String(order));
  insertElement(device, boot, childElement(device, 'address'));
}

/** The target of the disk from which the guest boots, by per-device order or by libvirt's rule; undefined: no disk. */
export function bootDisk(definition: ReadDocument): string | undefined {
  const ordered = readDisks(definition)
    .filter(({ device }) => device === 'disk' || device === 'lun')
    .map((disk) => ({ disk, order: Number(attribute(childElement(disk.element, 'boot'), 'order')) }))
    .filter(({ order }) => order > 0)
    .sort((one, other) => one.order - other.order);
  if (ordered[0] !== undefined) return ordered[0].disk.target;
  const position = bootElements(definition).findIndex((boot) => attribute(boot, 'dev') === 'hd');
  const element = bootDevices(definition)[position];
  return readDisks(definition).find((disk) => disk.element === element)?.target;
}
