import { rm } from 'node:fs/promises';
import { readDisks } from '../domain/disk.ts';
import type { Warning } from '../domain/finding.ts';
import { findDifferences } from '../domain/verify.ts';
import { parseDefinition } from '../domain/xml.ts';
import { isVirtioizeError, VirtioizeError } from '../error.ts';
import { readBootId } from '../store/boot-id.ts';
import { readIfPresent, writeDurably } from '../store/durable-file.ts';
import { announce, type UnfinishedChange } from '../store/journal.ts';
import { type ChangeFiles, type ChangeRecord, changeFiles, type RestartRecord, readRecord } from '../store/record.ts';
import { defineGuest, dumpDefinition } from '../virsh/definitions.ts';
import { isActive } from '../virsh/guests.ts';
import { outlast } from '../virsh/outlast.ts';
import { readPowerState } from '../virsh/power.ts';
import {
  type ChangeEnd,
  type ChangeInHand,
  closeAnyway,
  ignoreUnwritable,
  isRestartOnly,
  takeStepAnyway,
} from './change-in-hand.ts';
import { closeChange } from './close-change.ts';
import { settleRunning } from './restart/settle-running.ts';
import { bringOldBack } from './restart/take-back.ts';
import type { ChangeContext } from './run-context.ts';

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
  const side = isToBeFoundOut(change) ? await settleDefinition(context, change) : beforeDefine(record);
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
  const { state } = await outlast(context.session, () => readPowerState(context.session, record.guest));
  return isActive(state) ? [] : [notStarted(record.guest.name, 'its definition needs a person first')];
}

/** Whether libvirt may have been handed another definition. */
function isToBeFoundOut({ steps, record }: ChangeInHand): boolean {
  return steps.has('define') || steps.has('undo') || isRestartOnly(record);
}

/** The side of a change that handed no definition to libvirt. A pending guest had the new one already. */
function beforeDefine({ restart, action, changes }: ChangeRecord): 'done' | 'undone' {
  return restart !== undefined && action === 'convert' && changes.length === 0 ? 'done' : 'undone';
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
  await rm(files.folder, { recursive: true, force: true });
  await announce(context.places.journal, { change: id, guest, step: 'end', side: 'undone' });
  return { id, side: 'undone', ...(cause === undefined ? {} : { error: cause }) };
}

/** Find out which definition the guest has, and bring back the old one where that was under way. */
async function settleDefinition(context: ChangeContext, change: ChangeInHand): Promise<'done' | 'undone' | ChangeEnd> {
  const { record, files, steps } = change;
  const [before, after] = await Promise.all([readIfPresent(files.before), readIfPresent(files.after)]);
  if (before === undefined || after === undefined)
    return needsPerson(record.id, `${files.folder} has lost a definition`, files);
  const undo = (await readIfPresent(files.undo)) ?? before;
  const current = await readCurrent(context, record);
  if (current === undefined) return 'undone'; // nothing is left that could be in between
  const side = sideOf(current, { before, after, undo, changes: record.changes });
  if (side === undefined) return needsPerson(record.id, 'its definition is neither the old nor the new one', files);
  if (side === 'done' && steps.has('put-back')) return putBack(context, change, before);
  // Where that can't be written, it is what was asked for, which libvirt has stored.
  if (side === 'done') await writeDurably(files.after, current).catch(ignoreUnwritable);
  return side;
}

/** Undefined where the guest is gone. */
async function readCurrent({ session }: ChangeContext, { guest }: ChangeRecord): Promise<string | undefined> {
  try {
    return await outlast(session, () => dumpDefinition(session, guest, { secrets: true }));
  } catch (error) {
    if (isVirtioizeError(error, 'no-such-guest')) return undefined;
    throw error;
  }
}

/** Which of the definitions the guest has, whatever else was changed in it since; undefined: none of them. */
function sideOf(
  current: string,
  {
    before,
    after,
    undo,
    changes,
  }: Pick<ChangeRecord, 'changes'> & { readonly before: string; readonly after: string; readonly undo: string },
): 'done' | 'undone' | undefined {
  const is = (definition: string): boolean =>
    current === definition || findDifferences(definition, current).length === 0;
  if (before !== undo && is(undo)) return 'undone';
  if (is(before)) return before === after ? 'done' : 'undone';
  if (is(after)) return 'done';
  const disks = readDisks(parseDefinition(current));
  const has = ({ target, bus }: { target: string; bus: string }): boolean =>
    disks.some((disk) => disk.target === target && disk.bus === bus && disk.device === 'disk');
  if (changes.length > 0 && changes.every(({ from, to }) => has(from) && !has(to))) return 'undone';
  if (changes.length > 0 && changes.every(({ from, to }) => has(to) && !has(from))) return 'done';
  return undefined;
}

async function putBack(context: ChangeContext, change: ChangeInHand, before: string): Promise<'undone' | ChangeEnd> {
  const { session } = context;
  const { guest, id } = change.record;
  // A full disk must not keep the old definition from coming back: `define` is in the journal already.
  await takeStepAnyway(context, change, 'put-back');
  await outlast(session, () => defineGuest(session, guest, change.files.before));
  const current = await outlast(session, () => dumpDefinition(session, guest, { secrets: true }));
  if (findDifferences(before, current).length > 0)
    return needsPerson(id, 'its old definition did not come back', change.files);
  return 'undone';
}

/** A host whose boot can't be told (another machine's) counts as booted since. */
export async function isSameBoot({ bootId }: RestartRecord): Promise<boolean> {
  return bootId !== undefined && bootId === (await readBootId());
}

export const BOOTED_SINCE = 'the host was booted since, or is another machine, and the guest may run elsewhere';

/** After a boot of the host its guests may run elsewhere by now: the definition is settled, and no guest is started. */
async function leaveAsFound(
  context: ChangeContext,
  change: ChangeInHand,
  found: 'done' | 'undone',
): Promise<ChangeEnd> {
  const { session } = context;
  const { guest, id } = change.record;
  const active = isActive((await outlast(session, () => readPowerState(session, guest))).state);
  const isTakenBack = change.steps.has('undo') && !(found === 'done' && active);
  const lost = isTakenBack && !active ? await bringOldBack(context, change) : [];
  const side = isTakenBack ? 'rolled-back' : found;
  const isLeft = change.steps.has('undo') && side === 'done';
  await closeAnyway(context, change, side);
  return {
    id,
    side,
    ...(side === 'done' ? { restart: active ? 'unverified' : 'not-needed' } : {}),
    warnings: [...lost, ...(active ? [] : [notStarted(guest.name, BOOTED_SINCE)]), ...(isLeft ? [leftInUndo()] : [])],
  };
}

function leftInUndo(): Warning {
  return {
    code: 'unverified',
    message:
      'It had not come up with its new disks before the host was booted, and runs with them now: look at it (virtioize rollback undoes the conversion).',
  };
}

export function notStarted(name: string, why: string): Warning {
  return {
    code: 'not-started',
    message: `The guest ran when its change began and is off now. It was not started: ${why}. If it is to run here: virsh start ${name}.`,
  };
}

function needsPerson(id: string, why: string, files: ChangeFiles): ChangeEnd {
  return {
    id,
    side: 'unsettled',
    error: new VirtioizeError('command-failed', `A change of this guest was interrupted, and ${why}.`, {
      hint: `Compare virsh dumpxml --inactive with ${files.before} and ${files.after}, and virsh define the one that is right; then run virtioize recover.`,
    }),
  };
}
