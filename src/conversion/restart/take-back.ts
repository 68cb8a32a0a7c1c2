import { stat } from 'node:fs/promises';
import type { Warning } from '../../domain/finding.ts';
import { reverseRewrite } from '../../domain/reverse.ts';
import type { DiskChange } from '../../domain/rewrite.ts';
import { findDifferences } from '../../domain/verify.ts';
import { isVirtioizeError, VirtioizeError } from '../../error.ts';
import { readIfPresent, writeDurably } from '../../store/durable-file.ts';
import { readGuestRecords } from '../../store/past-records.ts';
import type { ChangeRecord, RestartRecord } from '../../store/record.ts';
import { defineGuest, dumpDefinition } from '../../virsh/definitions.ts';
import { outlast } from '../../virsh/outlast.ts';
import { powerOffGuest, readPowerState, resumeGuest, suspendGuest } from '../../virsh/power.ts';
import { captureFailure } from '../capture/capture-failure.ts';
import { type ChangeInHand, isRestartOnly, takeStepAnyway } from '../change-in-hand.ts';
import { restoreNvram } from '../nvram.ts';
import { lastChain } from '../past-conversions.ts';
import type { Capture } from '../result.ts';
import type { ChangeContext } from '../run-context.ts';
import { type BootSignal, createBootSignal } from './boot-signal.ts';
import { expectBoot } from './note-boot.ts';
import { lookAt } from './watch-boot.ts';

/**
 * Take a guest that did not come up off, and give it its old definition and UEFI variables back; it is left off.
 * @param seen what was seen of its boot, where this run watched it.
 * @returns `isOff: false` where it writes to its disks after all: then nothing was done.
 */
export async function takeBack(
  context: ChangeContext,
  change: ChangeInHand,
  restart: RestartRecord,
  seen?: BootSignal,
): Promise<{ readonly isOff: boolean; readonly capture: Capture; readonly warnings: readonly Warning[] }> {
  await takeStepAnyway(context, change, 'undo');
  const capture = await captureFailure(context, change);
  const isOff = await powerOffUnlessWriting(context, change, seen?.hasWritten ?? createLateJudge(restart));
  return { isOff, capture, warnings: isOff ? await bringOldBack(context, change) : [] };
}

/** An earlier run had found that its system does not write, and was interrupted then: what there is, is old. */
function createLateJudge(restart: RestartRecord): BootSignal['hasWritten'] {
  const signal = createBootSignal(expectBoot(restart, 'after'));
  return (look) => {
    signal.observe({ ...look, at: 0 });
    return signal.hasWritten(look);
  };
}

/** With its processors stopped nothing more can come to its disks between the look and the end of its power. */
async function powerOffUnlessWriting(
  context: ChangeContext,
  { record }: ChangeInHand,
  hasWritten: BootSignal['hasWritten'],
): Promise<boolean> {
  const { session } = context;
  const { guest } = record;
  const { state } = await outlast(session, () => readPowerState(session, guest));
  if (state === 'shut off') return true;
  if (state === 'running' || state === 'idle') await outlast(session, () => suspendGuest(session, guest));
  if (state !== 'crashed' && hasWritten(await outlast(session, () => lookAt(context, guest)))) {
    await outlast(session, () => resumeGuest(session, guest));
    return false;
  }
  await outlast(session, () => powerOffGuest(session, guest));
  return true;
}

/**
 * Give a guest that is off its old definition and UEFI variables back. Doing it twice does no harm.
 * @returns a warning where the variables could not be put back: the guest is started all the same.
 */
export async function bringOldBack(context: ChangeContext, change: ChangeInHand): Promise<Warning[]> {
  await defineOld(context, change);
  const { record, files } = change;
  if (record.nvram === undefined || !(await isPresent(files.nvram))) return [];
  try {
    await restoreNvram(files.nvram, record.nvram);
    return [];
  } catch (error) {
    if (!isVirtioizeError(error)) throw error;
    return [{ code: 'nvram-unreadable', message: `${error.message} ${error.hint ?? ''}`.trim() }];
  }
}

/** Give a guest its old definition back. What somebody else has changed in the new one meanwhile is kept. */
export async function defineOld(context: ChangeContext, { record, files }: ChangeInHand): Promise<void> {
  const { session } = context;
  const { guest } = record;
  const [before, after, undo] = await Promise.all([files.before, files.after, files.undo].map(readIfPresent));
  const old = undo ?? before;
  if (old === undefined) throw goneBackup(files.before);
  const current = await outlast(session, () => dumpDefinition(session, guest, { secrets: true }));
  const isEdited = after !== undefined && current !== after && current !== old;
  const wanted = isEdited ? withEditsKept({ current, old, changes: await readMoves(context, record) }) : old;
  if (findDifferences(wanted, current).length === 0) return;
  const kept = undo === undefined ? files.before : files.undo;
  if (wanted !== old) await writeDurably(files.undo, wanted);
  await outlast(session, () => defineGuest(session, guest, wanted === old ? kept : files.undo));
  const actual = await outlast(session, () => dumpDefinition(session, guest, { secrets: true }));
  const differences = findDifferences(wanted, actual);
  if (differences.length > 0)
    throw new VirtioizeError('command-failed', `Its old definition did not come back: ${differences.join('; ')}.`);
}

/** The disks that are taken back. Where only the restart was left to do, an earlier conversion had moved them. */
async function readMoves({ places }: ChangeContext, record: ChangeRecord): Promise<readonly DiskChange[]> {
  if (!isRestartOnly(record)) return record.changes;
  const records = await readGuestRecords(places.backups, record.guest.uuid).catch((error: unknown) => {
    if (!isVirtioizeError(error)) throw error;
    return []; // a damaged one must not keep the guest off
  });
  return lastChain(records)?.changes ?? [];
}

/** Where the new definition was edited since, only the disks go back, on the definition as it is. */
function withEditsKept({
  current,
  old,
  changes,
}: {
  readonly current: string;
  readonly old: string;
  readonly changes: readonly DiskChange[];
}): string {
  if (changes.length === 0) return old;
  const { definition, problems } = reverseRewrite(current, old, changes);
  return definition === undefined || problems.length > 0 ? old : definition;
}

async function isPresent(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function goneBackup(path: string): VirtioizeError {
  return new VirtioizeError('record-unreadable', `The backup ${path} is gone.`, {
    hint: 'Its disks have to be changed by hand, with virsh edit.',
  });
}
