import { join } from 'node:path';
import { startGuestfish } from '../../guestfs/guestfish.ts';
import { makeOverlay } from '../../guestfs/overlay.ts';
import { withScratchFolder } from '../../guestfs/scratch-folder.ts';
import { findSystems } from '../../guestfs/systems.ts';
import type { Judgement } from '../judgement.ts';
import { combineSystems } from './combine-systems.ts';
import { examineSystem } from './examine-system.ts';
import type { GuestImages } from './locate-images.ts';

export interface InspectionOptions {
  readonly name: string;
  readonly definition: string;
  /** The guest's UEFI variables, where it has some that can be read. */
  readonly store: Buffer | undefined;
  readonly emulates: boolean;
  readonly interrupted: AbortSignal;
}

/** Some systems are slow to mount, and some hosts slow to emulate; what takes longer hangs. */
const TIMEOUT_SECONDS = 240;

/**
 * Look into a guest's disks, with libguestfs on throw-away overlays, and judge what is found.
 * @throws GuestfsError
 */
export async function inspectDisks(images: GuestImages, options: InspectionOptions): Promise<Judgement> {
  return withScratchFolder(async (scratch) => {
    const overlays = images.map((_, index) => join(scratch, `disk${index}.qcow2`));
    for (const [index, chain] of images.entries()) await makeOverlay(chain, overlays[index] ?? '');
    const { definition, store, emulates, interrupted } = options;
    const fish = startGuestfish({ overlays, scratch, timeoutSeconds: TIMEOUT_SECONDS, emulates, interrupted });
    try {
      const found = await findSystems(fish);
      const judged: Judgement[] = [];
      for (const system of found.systems)
        judged.push(await examineSystem({ fish, scratch, system, found, definition, store, disks: images.length }));
      return combineSystems(judged, found);
    } finally {
      await fish.close();
    }
  });
}
