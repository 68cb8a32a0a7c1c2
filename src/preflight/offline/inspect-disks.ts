import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startGuestfish } from '../../guestfs/guestfish.ts';
import { makeOverlay } from '../../guestfs/overlay.ts';
import { findSystems } from '../../guestfs/systems.ts';
import { withScratchFolder } from '../../scratch-folder.ts';
import type { Judgement } from '../judgement.ts';
import { combineSystems } from './combine-systems.ts';
import { examineSystem, type GuestOnDisks } from './examine-system.ts';
import type { GuestImages } from './locate-images.ts';

export interface InspectionOptions {
  readonly emulates: boolean;
  readonly interrupted: AbortSignal;
}

/** Some systems are slow to mount, and some hosts slow to emulate; what takes longer hangs. */
const TIMEOUT_SECONDS = 240;

/**
 * Look into a guest's disks, with libguestfs on throw-away overlays, and judge what is found.
 * @throws GuestfsError
 */
export async function inspectDisks(
  images: GuestImages,
  guest: GuestOnDisks,
  options: InspectionOptions,
): Promise<Judgement> {
  return withScratchFolder('inspect', async (folder) => {
    const overlays = images.map((_, index) => join(folder, `disk${index}.qcow2`));
    for (const [index, chain] of images.entries()) await makeOverlay(chain, overlays[index] ?? '');
    const fish = startGuestfish({ ...options, overlays, scratch: folder, timeoutSeconds: TIMEOUT_SECONDS });
    try {
      const found = await findSystems(fish);
      const judged: Judgement[] = [];
      for (const [index, system] of found.systems.entries()) {
        const scratch = join(folder, `system${index}`);
        await mkdir(scratch);
        judged.push(await examineSystem({ fish, scratch, system, found, guest }));
      }
      return combineSystems(judged, found);
    } finally {
      await fish.close();
    }
  });
}
