import { restoreSetting } from './convert-disk.ts';
import { type Disk, readDisks } from './disk.ts';
import type { DiskChange } from './rewrite.ts';
import {
  childElement,
  definitionOf,
  type Element,
  insertElement,
  parseDefinition,
  type ReadElement,
  removeElement,
  serializeDefinition,
} from './xml.ts';

export interface Reversal {
  readonly definition: string;
  /** Why a disk could not be matched, a sentence each; where there is one, `definition` must not be used. */
  readonly problems: readonly string[];
}

/**
 * Undo a conversion on a definition that has changed since: only bus, name, address and dropped settings of the
 * converted disks go back, everything else (sources included) stays as it is now.
 * @param current the definition now. @param before the one from before the conversion. @param changes what it did.
 */
export function reverseRewrite(current: string, before: string, changes: readonly DiskChange[]): Reversal {
  const definition = parseDefinition(current);
  const [disks, originals] = [readDisks(definition), readDisks(parseDefinition(before))];
  const problems: string[] = [];
  const undone = changes.flatMap((change) => {
    const disk = disks.find(
      ({ target, bus, device }) => target === change.to.target && bus === 'virtio' && device === 'disk',
    );
    const original = originals.find(({ target }) => target === change.from.target);
    if (disk !== undefined && original !== undefined) return [{ change, disk, original }];
    problems.push(
      `there is no virtio disk '${change.to.target}' any more that could become '${change.from.target}' again`,
    );
    return [];
  });
  const staying = disks.filter((disk) => undone.every((one) => one.disk !== disk));
  for (const { change, disk, original } of undone) {
    if (staying.some(({ target }) => target === change.from.target)) {
      problems.push(`the name '${change.from.target}' now belongs to another disk`);
    }
    restoreDisk(disk.element, original.element, change);
    restoreAddress(disk, original, staying);
  }
  return { definition: serializeDefinition(definition), problems };
}

function restoreDisk(disk: Element, original: Element, { from, to, dropped }: DiskChange): void {
  const target = childElement(disk, 'target');
  target?.setAttribute('dev', from.target);
  target?.setAttribute('bus', from.bus);
  if (from.bus === to.bus) return; // it was renamed only: its address stands
  for (const label of dropped) restoreSetting(disk, original, label);
}

/** The old address, unless another disk has it by now: then libvirt makes a new one. */
function restoreAddress(disk: Disk<Element>, original: Disk<Element>, staying: readonly Disk[]): void {
  if (original.bus === 'virtio') return;
  const current = childElement(disk.element, 'address');
  if (current !== undefined) removeElement(current);
  const address = childElement(original.element, 'address');
  if (address === undefined) return;
  const wanted = drivePlace(original.bus, address);
  const taken = staying.some(({ bus, element }) => {
    const other = childElement(element, 'address');
    return other !== undefined && drivePlace(bus, other) === wanted;
  });
  if (!taken) insertElement(disk.element, definitionOf(disk.element).importNode(address, true));
}

function drivePlace(bus: string, address: ReadElement): string {
  return JSON.stringify([
    bus,
    ...Array.from(address.attributes)
      .map(({ name, value }) => `${name}=${value}`)
      .sort(),
  ]);
}
