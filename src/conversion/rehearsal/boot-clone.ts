import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cloneDefinition } from '../../domain/clone.ts';
import { readDiskData } from '../../domain/disk-data.ts';
import { readDefinition } from '../../domain/xml.ts';
import { systemErrorCode, VirtioizeError } from '../../error.ts';
import { makeCloneDisk } from '../../guestfs/overlay.ts';
import type { GuestImages } from '../../preflight/offline/locate-images.ts';
import { nvramPath, readNvram } from '../../preflight/uefi/read-nvram.ts';
import { makeFolderDurably } from '../../store/durable-file.ts';
import type { RehearsalRecord } from '../../store/temporary.ts';
import { dumpLiveDefinition } from '../../virsh/definitions.ts';
import type { GuestId } from '../../virsh/guests.ts';
import { createTransientGuest, suspendGuest } from '../../virsh/power.ts';
import { captureConsole, captureScreen } from '../capture/capture.ts';
import type { DiskPlace } from '../restart/agent-expectation.ts';
import type { Capture } from '../result.ts';
import type { ChangeContext } from '../run-context.ts';
import { mebibytes, usedBytes } from './host-room.ts';
import { type CloneBoot, watchClone } from './watch-clone.ts';

/** A clone, and the disks in question. */
export interface CloneToBoot {
  readonly definition: string;
  readonly disks: readonly DiskPlace[];
  readonly images: GuestImages;
  readonly record: RehearsalRecord;
}

export interface CloneLimits {
  /** How much it may write. */
  readonly scratchBytes: number;
  readonly timeoutMs: number;
}

/**
 * Start a clone on new overlays, in a folder that is there, and watch it. It is left as it is then.
 * @throws VirtioizeError, GuestfsError and system errors where it can't be started.
 */
export async function bootClone(
  context: ChangeContext,
  { definition, disks, images, record }: CloneToBoot,
  { scratchBytes, timeoutMs }: CloneLimits,
): Promise<{ readonly boot: CloneBoot; readonly leftOut: readonly string[] }> {
  const { scratch, clone } = record;
  const { definition: text, leftOut } = cloneDefinition(definition, {
    ...clone,
    overlays: await makeDisks(definition, images, scratch),
    nvram: await copyVariables(definition, scratch),
    console: join(scratch, 'console.log'),
  });
  const file = join(scratch, 'clone.xml');
  await writeFile(file, text, { mode: 0o600 });
  await createTransientGuest(context.session, clone, file);
  const boot = await watchClone(context, {
    clone,
    disks,
    timeoutMs,
    async stopped() {
      const used = await usedBytes(scratch);
      return used <= scratchBytes ? undefined : `it wrote more than ${mebibytes(scratchBytes)} (--scratch-limit)`;
    },
  });
  return { boot, leftOut };
}

/** The overlays, by target name; they take the place of those of an earlier clone. */
async function makeDisks(definition: string, images: GuestImages, scratch: string): Promise<Map<string, string>> {
  const overlays = new Map<string, string>();
  for (const [index, { target }] of readDiskData(readDefinition(definition)).entries()) {
    const overlay = join(scratch, `disk${index}.qcow2`);
    await rm(overlay, { force: true });
    await makeCloneDisk(images[index] ?? [], overlay);
    overlays.set(target, overlay);
  }
  return overlays;
}

/** Where there are none yet, libvirt makes them from their template. */
async function copyVariables(definition: string, scratch: string): Promise<string> {
  const copy = join(scratch, 'nvram.fd');
  const path = nvramPath(definition);
  await rm(copy, { force: true });
  try {
    if (path !== undefined) await writeFile(copy, await readNvram(path), { mode: 0o600 });
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  }
  return copy;
}

/** What a clone shows that did not come up, in the place of what that of the guest's last rehearsal did. It is stopped first. */
export async function captureClone(
  { session, uri, places }: ChangeContext,
  guest: GuestId,
  clone: GuestId,
): Promise<Capture> {
  const folder = join(places.rehearsals, guest.uuid);
  try {
    await rm(folder, { recursive: true, force: true });
    await makeFolderDurably(folder);
    await suspendGuest(session, clone).catch(ignoreRefusal);
    const live = await dumpLiveDefinition(session, clone);
    const screenshot = await captureScreen(session, clone, folder);
    const console = await captureConsole(live, { uri, folder });
    return { ...(screenshot === undefined ? {} : { screenshot }), ...(console === undefined ? {} : { console }) };
  } catch (error) {
    ignoreRefusal(error);
    return {}; // it has ended, or there is no room for a picture: the verdict holds all the same
  }
}

function ignoreRefusal(error: unknown): void {
  if (!(error instanceof VirtioizeError)) throw error;
}
