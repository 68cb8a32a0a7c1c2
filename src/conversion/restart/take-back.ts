import { findDifferences } from '../../domain/verify.ts';
import { VirtioizeError } from '../../error.ts';
import { readIfPresent } from '../../store/durable-file.ts';
import type { RestartRecord } from '../../store/record.ts';
import { defineGuest, dumpDefinition } from '../../virsh/definitions.ts';
import { outlast } from '../../virsh/outlast.ts';
import { powerOffGuest, readPowerState, resumeGuest, suspendGuest } from '../../virsh/power.ts';
import { type ChangeInHand, takeStepAnyway } from '../change-in-hand.ts';
import { restoreNvram } from '../nvram.ts';
import type { Capture } from '../result.ts';
import type { ChangeContext } from '../run-context.ts';
import { type BootSignal, createBootSignal } from './boot-signal.ts';
import { captureFailure } from './capture-failure.ts';
import { expectBoot } from './note-boot.ts';
import { lookAt } from './watch-boot.ts';

/**
 * Take a guest that did not come up off, and give it its old definition and UEFI variables back; it is left off.
 * @param signal what was seen of its boot, where this run watched it.
 * @returns `isOff: false` where it writes to its disks after all: then nothing was done.
 */
export async function takeBack(
  context: ChangeContext,
  change: ChangeInHand,
  restart: RestartRecord,
  signal: BootSignal = createBootSignal(expectBoot(restart, 'after')),
): Promise<{ readonly isOff: boolean; readonly capture: Capture }> {
  await takeStepAnyway(context, change, 'undo');
  const capture = await captureFailure(context, change);
  const isOff = await powerOffUnlessWriting(context, change, signal);
  if (isOff) await defineOld(context, change);
  return { isOff, capture };
}

/** With its processors stopped nothing more can come to its disks between the look and the end of its power. */
async function powerOffUnlessWriting(
  context: ChangeContext,
  { record }: ChangeInHand,
  signal: BootSignal,
): Promise<boolean> {
  const { session } = context;
  const { guest } = record;
  const { state } = await outlast(session, () => readPowerState(session, guest));
  if (state === 'shut off') return true;
  if (state === 'running' || state === 'idle') await outlast(session, () => suspendGuest(session, guest));
  if (state !== 'crashed' && signal.hasWritten(await outlast(session, () => lookAt(context, guest)))) {
    await outlast(session, () => resumeGuest(session, guest));
    return false;
  }
  await outlast(session, () => powerOffGuest(session, guest));
  return true;
}

/** Give a guest that is off its old definition and UEFI variables back. Doing it twice does no harm. */
export async function defineOld({ session }: ChangeContext, { record, files }: ChangeInHand): Promise<void> {
  const { guest } = record;
  const own = await readIfPresent(files.undo);
  const old = own ?? (await readIfPresent(files.before));
  if (old === undefined) throw goneBackup(files.before);
  await outlast(session, () => defineGuest(session, guest, own === undefined ? files.before : files.undo));
  const actual = await outlast(session, () => dumpDefinition(session, guest, { secrets: true }));
  const differences = findDifferences(old, actual);
  if (differences.length > 0)
    throw new VirtioizeError('command-failed', `Its old definition did not come back: ${differences.join('; ')}.`);
  if (record.nvram !== undefined && (await readIfPresent(files.nvram)) !== undefined)
    await restoreNvram(files.nvram, record.nvram);
}

function goneBackup(path: string): VirtioizeError {
  return new VirtioizeError('record-unreadable', `The backup ${path} is gone.`, {
    hint: 'Its disks have to be changed by hand, with virsh edit.',
  });
}
