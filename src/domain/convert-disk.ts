import {
  attribute,
  childElement,
  childElements,
  definitionOf,
  type Element,
  type ElementOf,
  insertElement,
  type ReadElement,
  removeElement,
} from './xml.ts';

/**
 * What libvirt refuses on a virtio disk, or what would take effect there for the first time, by where it stands.
 * Each row names the error it prevents.
 */
const ILLEGAL_ATTRIBUTES: readonly (readonly [parent: string, name: string, label: string])[] = [
  ['target', 'removable', 'removable'], // "removable is only valid for usb disks"
  ['target', 'rotation_rate', 'rotation_rate'], // "rotation rate is only valid for SCSI/IDE/SATA bus"
  ['target', 'tray', 'tray'], // "tray is only valid for cdrom and floppy"
  ['geometry', 'trans', 'geometry trans'], // "CHS translation mode can only be set for 'ide' bus not 'virtio'"
  ['driver', 'queue_size', 'queue_size'], // ignored so far; on virtio the start fails unless a power of two in 4..1024
];

const ILLEGAL_ELEMENTS = [
  'vendor', // "Only scsi disk supports vendor and product"
  'product',
  'wwn', // "Only ide and scsi disk support wwn"
];

/** The names of the settings of an emulated disk that it loses on virtio, its address aside. */
export function findDropped(disk: ReadElement): string[] {
  return [
    ...illegalAttributes(disk).map(({ label }) => label),
    ...ILLEGAL_ELEMENTS.filter((name) => childElement(disk, name) !== undefined),
  ];
}

/**
 * Put one emulated disk on virtio, in place: new bus and name, the old address gone so that libvirt makes a new one,
 * and without the settings that `findDropped` names.
 */
export function convertDisk(disk: Element, target: string): void {
  for (const name of ['address', ...ILLEGAL_ELEMENTS])
    for (const element of childElements(disk, name)) removeElement(element);
  for (const { holder, name } of illegalAttributes(disk)) holder.removeAttribute(name);
  const element = childElement(disk, 'target');
  element?.setAttribute('dev', target);
  element?.setAttribute('bus', 'virtio');
}

/** Give a disk that is on virtio already another name, in place. Its address, and so its place in the guest, stays. */
export function renameDisk(disk: Element, target: string): void {
  childElement(disk, 'target')?.setAttribute('dev', target);
}

function illegalAttributes<E extends ReadElement>(disk: E): { holder: ElementOf<E>; name: string; label: string }[] {
  return ILLEGAL_ATTRIBUTES.flatMap(([parent, name, label]) => {
    const holder = childElement(disk, parent);
    return holder === undefined || attribute(holder, name) === undefined ? [] : [{ holder, name, label }];
  });
}

/** Put a dropped setting back as it stands on `original`, in place. `label` is one that `findDropped` named. */
export function restoreSetting(disk: Element, original: Element, label: string): void {
  const row = ILLEGAL_ATTRIBUTES.find(([, , known]) => known === label);
  if (row !== undefined) {
    const [parent, name] = row;
    const value = attribute(childElement(original, parent), name);
    if (value !== undefined) childElement(disk, parent)?.setAttribute(name, value);
    return;
  }
  const element = childElement(original, label);
  if (element !== undefined) insertElement(disk, definitionOf(disk).importNode(element, true));
}
