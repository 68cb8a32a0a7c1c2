import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cloneDefinition } from '../../domain/clone.ts';
import { readDiskData } from '../../domain/disk-data.ts';
import { parseDefinition } from '../../domain/xml.ts';
import { isVirtioizeError, systemErrorCode, VirtioizeError } from '../../error.ts';
import { GuestfsError } from '../../guestfs/guestfs-error.ts';
import { makeCloneDisk } from '../../guestfs/overlay.ts';
import { type GuestImages, locateImages } from '../../preflight/offline/locate-images.ts';
import { nvramPath, readNvram } from '../../preflight/uefi/read-nvram.ts';
import { makeFolderDurably } from '../../store/durable-file.ts';
import { announce } from '../../store/journal.ts';
import { type RehearsalRecord, writeTemporary } from '../../store/temporary.ts';
import { dumpLiveDefinition } from '../../virsh/definitions.ts';
import type { GuestId } from '../../virsh/guests.ts';
import { createTransientGuest } from '../../virsh/power.ts';
import { captureConsole, captureScreen } from '../capture/capture.ts';
import { newChangeId } from '../change-id.ts';
import type { Capture } from '../result.ts';
import type { ChangeContext } from '../run-context.ts';
import { mebibytes, shareMemory, shareScratch, usedBytes } from './host-room.ts';
import { readOwners } from './image-owners.ts';
import { judgeRehearsal, notRehearsed, type RehearsalJudgement, type Rehearsed } from './judge-rehearsal.ts';
import { takeDownRehearsal } from './take-down.ts';
import { watchClone } from './watch-clone.ts';

export interface RehearsalOptions {
  /** `undecided`: where nothing cheaper has proven or refuted it. */
  readonly when: 'always' | 'undecided';
  /** Where overlays lie: QEMU's user must be able to go there. */
  readonly scratchDir: string;
  /** How much a clone may write, in bytes. */
  readonly scratchBytes: number;
  readonly bootTimeoutMs: number;
}

/** A guest that is off, and how it would be. */
export interface RehearsalSubject {
  readonly guest: GuestId;
  /** The definition that it would have. */
  readonly after: string;
  /** The names that its moved disks would have. */
  readonly targets: readonly string[];
}

/** Those of libvirt's refusals that are about this clone. */
const OF_THE_CLONE = new Set(['command-failed', 'permission', 'definition-unreadable']);

/**
 * Boot a throw-away clone of a guest that is off, with its disks on virtio, and see whether it comes up. The guest itself
 * can't be started meanwhile: QEMU locks its images, though nothing is written to them. All is taken away again, whatever
 * happens.
 * @throws VirtioizeError where libvirt or the state directory is lost.
 */
export async function rehearse(
  context: ChangeContext,
  subject: RehearsalSubject,
  options: RehearsalOptions,
): Promise<RehearsalJudgement> {
  const { session, places, report } = context;
  const guest = { name: subject.guest.name, uuid: subject.guest.uuid };
  report({ guest: guest.name, step: 'rehearse' });
  const images = await locateImages(session, subject.after).catch(asReason);
  if (typeof images === 'string') return notRehearsed(images);
  const memory = shareMemory(subject.after);
  if ('shortage' in memory) return notRehearsed(memory.shortage, 'Try again when other guests are off.');
  const id = newChangeId();
  const name = `virtioize-rehearsal-${id}`;
  const paths = [...new Set(images.flat().map(({ path }) => path))];
  const record: RehearsalRecord = {
    kind: 'rehearsal',
    clone: { name, uuid: randomUUID() },
    scratch: join(options.scratchDir, name),
    images: await readOwners(paths),
  };
  try {
    await announce(places.journal, { change: id, guest, step: 'rehearse' });
    await writeTemporary(places.temporary, id, record);
    try {
      return await boot(context, { ...subject, images, record }, options);
    } finally {
      await takeDownRehearsal(context, { id, guest }, record);
    }
  } finally {
    memory.giveBack();
  }
}

interface CloneToBoot extends RehearsalSubject {
  readonly images: GuestImages;
  readonly record: RehearsalRecord;
}

async function boot(
  context: ChangeContext,
  clone: CloneToBoot,
  options: RehearsalOptions,
): Promise<RehearsalJudgement> {
  const { scratchDir } = options;
  const elsewhere = '--scratch-dir names another folder; QEMU must be able to go there.';
  try {
    await mkdir(clone.record.scratch, { mode: 0o711 });
    const room = await shareScratch(scratchDir, options.scratchBytes);
    if ('shortage' in room) return notRehearsed(room.shortage, elsewhere);
    try {
      return judgeRehearsal(await bootWithin(context, clone, { ...options, scratchBytes: room.bytes }));
    } finally {
      room.giveBack();
    }
  } catch (error) {
    if (error instanceof GuestfsError) return notRehearsed(error.message, elsewhere);
    if (isVirtioizeError(error)) {
      if (!OF_THE_CLONE.has(error.code)) throw error;
      return notRehearsed(error.message.replace(/\.$/, ''), elsewhere);
    }
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    return notRehearsed(`the scratch folder ${scratchDir} can't be used (${code})`, elsewhere);
  }
}

async function bootWithin(
  context: ChangeContext,
  { guest, after, targets, images, record }: CloneToBoot,
  { scratchBytes, bootTimeoutMs }: RehearsalOptions,
): Promise<Rehearsed> {
  const { session } = context;
  const { scratch, clone: id } = record;
  const clone = cloneDefinition(after, {
    ...id,
    overlays: await makeDisks(after, images, scratch),
    nvram: await copyVariables(after, scratch),
    console: join(scratch, 'console.log'),
  });
  const file = join(scratch, 'clone.xml');
  await writeFile(file, clone.definition, { mode: 0o600 });
  await createTransientGuest(session, id, file);
  const seen = await watchClone(context, {
    clone: id,
    targets,
    timeoutMs: bootTimeoutMs,
    async stopped() {
      const used = await usedBytes(scratch);
      return used <= scratchBytes ? undefined : `it wrote more than ${mebibytes(scratchBytes)} (--scratch-limit)`;
    },
  });
  return { boot: seen, clone, capture: seen.kind === 'up' ? {} : await capture(context, guest, id) };
}

/** The overlays, by target name. */
async function makeDisks(definition: string, images: GuestImages, scratch: string): Promise<Map<string, string>> {
  const overlays = new Map<string, string>();
  for (const [index, { target }] of readDiskData(parseDefinition(definition)).entries()) {
    const overlay = join(scratch, `disk${index}.qcow2`);
    await makeCloneDisk(images[index] ?? [], overlay);
    overlays.set(target, overlay);
  }
  return overlays;
}

/** Where there are none yet, libvirt makes them from their template. */
async function copyVariables(definition: string, scratch: string): Promise<string> {
  const copy = join(scratch, 'nvram.fd');
  const path = nvramPath(definition);
  try {
    if (path !== undefined) await writeFile(copy, await readNvram(path), { mode: 0o600 });
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  }
  return copy;
}

/** In the place of those of the guest's last rehearsal. */
async function capture({ session, uri, places }: ChangeContext, guest: GuestId, clone: GuestId): Promise<Capture> {
  const folder = join(places.rehearsals, guest.uuid);
  try {
    await rm(folder, { recursive: true, force: true });
    await makeFolderDurably(folder);
    const live = await dumpLiveDefinition(session, clone);
    const screenshot = await captureScreen(session, clone, folder);
    const console = await captureConsole(live, { uri, folder });
    return { ...(screenshot === undefined ? {} : { screenshot }), ...(console === undefined ? {} : { console }) };
  } catch (error) {
    if (!(error instanceof VirtioizeError)) throw error;
    return {}; // it has ended, or there is no room for a picture: the verdict holds all the same
  }
}

function asReason(error: unknown): string {
  if (error instanceof GuestfsError) return error.message;
  throw error;
}
