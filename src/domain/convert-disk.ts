import {
  attribute,
  childElement,
  childElements,
  definitionOf,
  type Element,
  insertElement,
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

/**
 * Put one emulated disk on virtio, in place: new bus and name, the old address gone so that libvirt makes a new one,
 * and without the settings that a virtio disk can't have.
 * @returns the names of the settings that were dropped, the address aside.
 */
export function convertDisk(disk: Element, target: string): string[] {
  for (const address of childElements(disk, 'address')) removeElement(address);
  const dropped = [...dropAttributes(disk), ...dropElements(disk)];
  const element = childElement(disk, 'target');
  element?.setAttribute('dev', target);
  element?.setAttribute('bus', 'virtio');
  return dropped;
}

/** Give a disk that is on virtio already another name, in place. Its address, and so its place in the guest, stays. */
export function renameDisk(disk: Element, target: string): void {
  childElement(disk, 'target')?.setAttribute('dev', target);
}

function dropAttributes(disk: Element): string[] {
  return ILLEGAL_ATTRIBUTES.flatMap(([parent, name, label]) => {
    const holder = childElement(disk, parent);
    if (holder === undefined || attribute(holder, name) === undefined) return [];
    holder.removeAttribute(name);
    return [label];
  });
}

function dropElements(disk: Element): string[] {
  return ILLEGAL_ELEMENTS.flatMap((name) => {
    const elements = childElements(disk, name);
    for (const element of elements) removeElement(element);
    return elements.length > 0 ? [name] : [];
  });
}

/** Put a dropped setting back as it stands on `original`, in place. `label` is one that `convertDisk` returned. */
export function restoreSetting(disk: Element, original: Element, label: string): void {
  const row = ILLEGAL_ATTRIBUTES.find(([, , known]) => known === label);
  if (row !== undefined) {
    const [parent, name] = row;
    const before = childElement(original, parent);
    const value = before && attribute(before, name);
    if (value !== undefined) childElement(disk, parent)?.setAttribute(name, value);
    return;
  }
  const element = childElement(original, label);
  if (element !== undefined) insertElement(disk, definitionOf(disk).importNode(element, true));
}
