import type { Disk } from './disk.ts';
import { diskIndex, virtioName } from './disk-name.ts';

export interface NameChoice {
  /** The target that each disk gets, in the order of the disks asked for. */
  readonly targets: readonly string[];
  /** Disks whose name can't be kept, for it would count as the same number as another virtio disk's. */
  readonly collisions: readonly Disk[];
}

/**
 * New names, vda onwards, for `renamed` in document order. A name is free where no other disk has it and no other
 * virtio disk has its number: QEMU's device id is made of the number alone.
 */
export function chooseFreeNames(disks: readonly Disk[], renamed: readonly Disk[]): NameChoice {
  const staying = disks.filter((disk) => !renamed.includes(disk));
  const names = new Set(staying.map(({ target }) => target));
  const numbers = new Set(staying.filter(({ bus }) => bus === 'virtio').map(({ target }) => diskIndex(target)));
  let index = 0;
  const targets = renamed.map(() => {
    while (numbers.has(index) || names.has(virtioName(index))) index++;
    return virtioName(index++);
  });
  return { targets, collisions: [] };
}

/** The names that the disks have; those of them that can't stand beside the other virtio disks are `collisions`. */
export function keepNames(disks: readonly Disk[], converted: readonly Disk[]): NameChoice {
  const others = disks.filter((disk) => disk.bus === 'virtio' && !converted.includes(disk));
  const numbers = new Set(others.map(({ target }) => diskIndex(target)));
  const collisions = converted.filter(({ target }) => {
    const number = diskIndex(target);
    if (number === undefined || numbers.has(number)) return true;
    numbers.add(number);
    return false;
  });
  return { targets: converted.map(({ target }) => target), collisions };
}
