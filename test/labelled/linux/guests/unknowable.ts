import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeSparseFile } from '../../../testbed/disk-image.ts';
import type { LabelledGuest } from '../../labelled-guest.ts';
import { debian, ubuntu } from '../distributions/debian.ts';
import { UUIDS } from '../layout.ts';
import { encrypted } from '../layouts/encrypted.ts';
import { onePartition } from '../layouts/partitioned.ts';
import { buildSystem, guestDisks, linuxGuest } from '../linux-guest.ts';
import type { LinuxStock } from '../linux-stock.ts';
import { freeBsd } from './freebsd.ts';

/** Disks that do not tell, or not what this program understands. */
export const unknowableGuests: readonly LabelledGuest<LinuxStock>[] = [
  linuxGuest('debian-encrypted-root', {
    system: { distribution: debian, kernels: [{ virtioBlk: true }] },
    layout: encrypted,
    known: 'by construction',
    label: { is: 'unknowable' },
  }),
  freeBsd,
  {
    name: 'empty-disk',
    machine: 'pc',
    label: { is: 'unknowable', known: 'by construction' },
    async build(folder) {
      const disk = join(folder, 'disk.raw');
      await makeSparseFile(disk, 64 * 1024 * 1024);
      return { disks: guestDisks('pc', [disk]) };
    },
  },
  twoSystems('two-systems-ready', { first: true, second: true }),
  // its firmware starts the first one; a reader that took the second for the system would be wrong
  twoSystems('two-systems-first-lacks', { first: false, second: true }),
];

function twoSystems(
  name: string,
  virtioBlk: { readonly first: boolean; readonly second: boolean },
): LabelledGuest<LinuxStock> {
  const isReady = virtioBlk.first && virtioBlk.second;
  return {
    name,
    machine: 'pc',
    label: isReady ? { is: 'ready', known: 'booted' } : { is: 'unknowable', known: 'by construction' },
    async build(folder, stock) {
      const disks: string[] = [];
      for (const [kind, distribution, rootUuid] of [
        ['first', debian, UUIDS.root],
        ['second', ubuntu, UUIDS.otherRoot],
      ] as const) {
        const own = join(folder, kind);
        await mkdir(own);
        const system = { distribution, kernels: [{ virtioBlk: virtioBlk[kind] }] } as const;
        disks.push(...(await buildSystem(own, { system, layout: onePartition({ rootUuid }), stock })).disks);
      }
      return { disks: guestDisks('pc', disks) };
    },
  };
}
