import type { Warning } from '../domain/finding.ts';
import { isVirtioizeError, type VirtioizeError } from '../error.ts';
import { type ChangeFiles, changeFiles, readRecord, removeBackup } from '../store/change-files.ts';
import { announce, type UnfinishedChange } from '../store/journal.ts';
import type { ChangeRecord } from '../store/record.ts';
import { isGuestOff } from '../virsh/power.ts';
import { type ChangeEnd, type ChangeInHand, closeAnyway, isRestartOnly } from './change-in-hand.ts';
import { closeChange } from './close-change.ts';
import { isSameBoot, leaveAsFound, notStarted } from './restart/booted-since.ts';
import { settleRunning } from './restart/settle-running.ts';
import type { ChangeContext } from './run-context.ts';
import { needsPerson, settleDefinition } from './settle-definition.ts';

/** A change to be settled, and what is known of it. */
export interface Unsettled extends Omit<UnfinishedChange, 'since'> {
  /** Why it did not go through, where this very run made it. */
  readonly cause?: VirtioizeError;
  /** This very run made it, so that the host was not booted since. */
  readonly isOwn?: boolean;
}

/** What became of an unfinished change; the record where one was written. */
export type Settled = ChangeEnd & { readonly record?: ChangeRecord };

/**
 * Bring a change that was begun to an end: where libvirt already has the new definition, finish; where it still has the
 * old one, say so; where putting back was under way, put back; and a guest that was asked to go off runs again. What is
 * neither the old nor the new definition is left as it is, for a person to look at. Doing it twice, or being killed in
 * it, does no harm.
 * @throws VirtioizeError `state-unwritable`
 */
async function settleChange(context: ChangeContext, unsettled: Unsettled): Promise<Settled> {
  const { id, guest, steps, askedAt, cause } = unsettled;
  const files = changeFiles(context.places.backups, guest.uuid, id);
  context.report({ guest: guest.name, step: 'recover' });
  const record = await readRecord(files);
  if (record === undefined && (steps.has('define') || steps.has('shut-down')))
    return needsPerson(id, `${files.record} is gone`, files);
  if (record === undefined) return forgetUnbegun(context, unsettled, files);
  const change: ChangeInHand = { record, files, steps: new Set(steps), ...(askedAt === undefined ? {} : { askedAt }) };
  const side = isToBeFoundOut(change) ? await settleDefinition(context, change) : 'undone';
  if (typeof side !== 'string') return { ...side, record, warnings: await warnIfOff(context, change) };
  const { restart } = record;
  if (restart === undefined || !steps.has('shut-down')) {
    // A full disk must not hide that the old definition is back: the next run closes it.
    await (steps.has('put-back') ? closeAnyway(context, change, side) : closeChange(context, change, side));
    return { id, side, record, ...(cause === undefined ? {} : { error: cause }) };
  }
  const mayStart = unsettled.isOwn === true || (await isSameBoot(restart));
  try {
    const end = mayStart
      ? await settleRunning(context, change, restart, { side, cause })
      : await leaveAsFound(context, change, side);
    return { ...end, record };
  } catch (error) {
    if (!isVirtioizeError(error, 'no-such-guest')) throw error;
    await closeChange(context, change, side); // it was undefined since: nothing is left to bring anywhere
    return { id, side, record, error };
  }
}

/** A guest that is left to a person: whether it was asked to go off, and is. */
async function warnIfOff(context: ChangeContext, { record, steps }: ChangeInHand): Promise<Warning[]> {
  if (!steps.has('shut-down')) return [];
  const isOff = await isGuestOff(context.session, record.guest);
  return isOff ? [notStarted(record.guest.name, 'its definition needs a person first')] : [];
}

/** Whether libvirt may have been handed another definition; a pending guest had been by an earlier change. */
function isToBeFoundOut({ steps, record }: ChangeInHand): boolean {
  return steps.has('define') || steps.has('undo') || isRestartOnly(record);
}

/**
 * The same, but where it can't even be looked at (a damaged record, a lost connection) the guest is left for a person.
 * @throws VirtioizeError `state-unwritable` where what was found can't be written down.
 */
export async function settleOrLeave(context: ChangeContext, unsettled: Unsettled): Promise<Settled> {
  try {
    return await settleChange(context, unsettled);
  } catch (error) {
    if (!isVirtioizeError(error) || error.code === 'state-unwritable') throw error;
    return { id: unsettled.id, side: 'unsettled', error };
  }
}

/** It was interrupted while the backup was being written: nothing was asked of libvirt yet. */
async function forgetUnbegun(
  context: ChangeContext,
  { id, guest, cause }: Unsettled,
  files: ChangeFiles,
): Promise<Settled> {
  await removeBackup(files);
  await announce(context.places.journal, { change: id, guest, step: 'end', side: 'undone' });
  return { id, side: 'undone', ...(cause === undefined ? {} : { error: cause }) };
}
