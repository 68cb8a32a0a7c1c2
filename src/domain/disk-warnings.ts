import type { Disk } from './disk.ts';
import type { Warning } from './finding.ts';
import { losesTrim } from './machine.ts';
import { attribute, childElement, definitionOf, type ReadElement } from './xml.ts';

/** virtio-blk gives the guest this much of a serial; SCSI gives up to 36. */
const SERIAL_BYTES = 20;

/** A LUN is left alone, which its admin should know. */
export function lunWarnings({ device, target }: Disk): Warning[] {
  if (device !== 'lun') return [];
  const message = `'${target}' is a LUN passed through to the guest; it stays as it is.`;
  return [{ code: 'lun-left', message, disk: target }];
}

export function droppedWarnings({ target }: Disk, dropped: readonly string[]): Warning[] {
  if (dropped.length === 0) return [];
  const message = `'${target}' loses what virtio does not have: ${dropped.join(', ')}.`;
  return [{ code: 'setting-dropped', message, disk: target }];
}

export function nameKeptWarning({ target }: Disk): Warning {
  const message = `'${target}' keeps its name on virtio for now; a later run renames it once the guest is off and has no snapshots.`;
  return { code: 'name-kept', message, disk: target };
}

/** @param others disks that are or will be virtio beside this one. */
export function serialWarnings({ element, target }: Disk, others: readonly Disk[]): Warning[] {
  const serial = serialOf(element);
  const shown = serial.slice(0, SERIAL_BYTES);
  const twin = others.find((other) => shown !== '' && serialOf(other.element).slice(0, SERIAL_BYTES) === shown);
  if (twin !== undefined) {
    const message = `The serials of '${target}' and '${twin.target}' are the same in the ${SERIAL_BYTES} characters that virtio shows.`;
    return [{ code: 'serial-long', message, disk: target }];
  }
  if (serial.length <= SERIAL_BYTES) return [];
  const message = `The serial of '${target}' is longer than ${SERIAL_BYTES} characters; the guest will see '${shown}'.`;
  return [{ code: 'serial-long', message, disk: target }];
}

export function trimWarnings({ element, target }: Disk): Warning[] {
  const discards = attribute(childElement(element, 'driver'), 'discard') === 'unmap';
  if (!discards || !losesTrim(definitionOf(element))) return [];
  const message = `'${target}' loses TRIM (discard='unmap'): this machine type is of QEMU 3.1 or older.`;
  return [{ code: 'trim-lost', message, disk: target }];
}

export function bootOrderWarning(): Warning {
  const message =
    'Another disk would have come first: the boot order is now written on the devices, so that the same one boots.';
  return { code: 'boot-order-rewritten', message };
}

function serialOf(disk: ReadElement): string {
  return childElement(disk, 'serial')?.textContent ?? '';
}
