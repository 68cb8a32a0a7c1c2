import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DiskChange } from '../../domain/rewrite.ts';
import { isVirtioizeError, systemErrorCode } from '../../error.ts';
import { GuestfsError } from '../../guestfs/guestfs-error.ts';
import { type GuestImages, locateImages } from '../../preflight/offline/locate-images.ts';
import { announce } from '../../store/journal.ts';
import { type RehearsalRecord, writeTemporary } from '../../store/temporary.ts';
import { type GuestId, isActive, readGuestInfo } from '../../virsh/guests.ts';
import { newChangeId } from '../change-id.ts';
import type { ChangeContext } from '../run-context.ts';
import { bootClone, captureClone } from './boot-clone.ts';
import { endClone } from './end-clone.ts';
import { shareMemory, shareScratch } from './host-room.ts';
import { readOwners } from './image-owners.ts';
import { judgeRehearsal, notRehearsed, type RehearsalJudgement } from './judge-rehearsal.ts';
import { takeDownRehearsal } from './take-down.ts';

export interface RehearsalOptions {
  /** `undecided`: where nothing cheaper has proven or refuted it. */
  readonly when: 'always' | 'undecided';
  /** Where overlays lie: QEMU's user must be able to go there. */
  readonly scratchDir: string;
  /** How much a clone may write, in bytes. */
  readonly scratchBytes: number;
  readonly bootTimeoutMs: number;
}

/** A guest that is off, as it is and as it would be. */
export interface RehearsalSubject {
  readonly guest: GuestId;
  readonly before: string;
  readonly after: string;
  readonly moves: readonly Pick<DiskChange, 'from' | 'to'>[];
  /** Whether somebody has seen by which names it finds its disks. */
  readonly namesAreKnown: boolean;
}

/**
 * Boot a throw-away clone of a guest that is off, with its disks on virtio, and see whether it comes up; where it does not,
 * another one with its disks as they are, to tell what that says. The guest itself can't be started meanwhile: QEMU locks
 * its images, though nothing is written to them. All is taken away again, whatever happens.
 * @throws VirtioizeError where libvirt or the state directory is lost; `left-behind` where something could not be removed.
 */
export async function rehearse(
  context: ChangeContext,
  subject: RehearsalSubject,
  options: RehearsalOptions,
): Promise<RehearsalJudgement> {
  const { session, places, report } = context;
  const guest = { name: subject.guest.name, uuid: subject.guest.uuid };
  report({ guest: guest.name, step: 'rehearse' });
  const memory = shareMemory(subject.after);
  if ('shortage' in memory) return notRehearsed(memory.shortage, 'Try again when other guests are off.');
  try {
    const images = await locateImages(session, subject.after);
    const id = newChangeId();
    const name = `virtioize-rehearsal-${id}`;
    const record: RehearsalRecord = {
      kind: 'rehearsal',
      clone: { name, uuid: randomUUID() },
      scratch: join(options.scratchDir, name),
      images: await readOwners([...new Set(images.flat().map(({ path }) => path))]),
    };
    await announce(places.journal, { change: id, guest, step: 'rehearse' });
    await writeTemporary(places.temporary, id, record);
    try {
      return await play(context, { ...subject, images, record }, options);
    } finally {
      await takeDownRehearsal(context, { id, guest }, record);
    }
  } catch (error) {
    return notRehearsed(...whyNot(error, options));
  } finally {
    memory.giveBack();
  }
}

interface Stage extends RehearsalSubject {
  readonly images: GuestImages;
  readonly record: RehearsalRecord;
}

async function play(context: ChangeContext, stage: Stage, options: RehearsalOptions): Promise<RehearsalJudgement> {
  const { session } = context;
  const { guest, before, after, moves, namesAreKnown, record } = stage;
  await mkdir(record.scratch, { mode: 0o711 });
  const room = await shareScratch(options.scratchDir, options.scratchBytes);
  if ('shortage' in room) return notRehearsed(room.shortage, ELSEWHERE);
  try {
    // it was looked into for minutes: libvirt must not be given the images of one that runs by now
    const { state, managedSave } = await readGuestInfo(session, guest);
    if (isActive(state) || managedSave) return notRehearsed('somebody has started it meanwhile');
    const limits = { scratchBytes: room.bytes, timeoutMs: options.bootTimeoutMs };
    const { boot, leftOut } = await bootClone(
      context,
      { ...stage, definition: after, disks: moves.map(({ to }) => to) },
      limits,
    );
    if (boot.kind === 'up') return judgeRehearsal({ boot, leftOut, capture: {}, namesAreKnown });
    const capture = await captureClone(context, guest, record.clone);
    if (boot.kind === 'unclear') return judgeRehearsal({ boot, leftOut, capture, namesAreKnown });
    await endClone(session, record.clone);
    const old = { ...stage, definition: before, disks: moves.map(({ from }) => from) };
    const { boot: control } = await bootClone(context, old, limits);
    return judgeRehearsal({ boot, control, leftOut, capture, namesAreKnown });
  } finally {
    room.giveBack();
  }
}

const ELSEWHERE = '--scratch-dir names another folder; QEMU must be able to go there.';

/** What is about this clone alone is no error of the run. */
function whyNot(error: unknown, { scratchDir }: RehearsalOptions): [why: string, hint?: string] {
  if (error instanceof GuestfsError) return [error.message];
  if (isVirtioizeError(error)) {
    if (!OF_THE_CLONE.has(error.code)) throw error;
    const isAccess = error.code === 'permission' || /Cannot access storage|No such file/.test(error.message);
    const why = error.message.replace(/\.$/, '');
    return isAccess ? [why, ELSEWHERE] : [why];
  }
  const code = systemErrorCode(error);
  if (code === undefined) throw error;
  return [`its images or the scratch folder ${scratchDir} can't be used (${code})`, ELSEWHERE];
}

const OF_THE_CLONE = new Set(['command-failed', 'permission', 'definition-unreadable']);
