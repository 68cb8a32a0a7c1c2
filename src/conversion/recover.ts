import pLimit from 'p-limit';
import { isVirtioizeError, VirtioizeError } from '../error.ts';
import {
  announce,
  findUnfinished,
  findWanted,
  readJournal,
  type Step,
  type UnfinishedChange,
  type Wanted,
} from '../store/journal.ts';
import { isLockHeld } from '../store/lock.ts';
import { changeFiles, readRecord } from '../store/record.ts';
import type { HostPlaces } from '../store/state-dir.ts';
import { dumpLiveDefinition } from '../virsh/definitions.ts';
import { isActive } from '../virsh/guests.ts';
import { outlast } from '../virsh/outlast.ts';
import { readPowerState } from '../virsh/power.ts';
import { describeError } from './attempt-guest.ts';
import { finishResult } from './convert-guest.ts';
import { readInstance } from './restart/instance.ts';
import { emptyResult, type GuestResult } from './result.ts';
import { rollbackOutcome } from './rollback-guest.ts';
import type { ChangeContext } from './run-context.ts';
import { BOOTED_SINCE, isSameBoot, notStarted, type Settled, settleOrLeave } from './settle-change.ts';

/** The changes that earlier runs left unfinished, oldest first. */
async function readUnfinished(places: HostPlaces): Promise<UnfinishedChange[]> {
  return findUnfinished(await readJournal(places.journal));
}

/** The changes that an interrupted run left unfinished; none while a run that may be at them still holds the lock. */
export async function findInterrupted(places: HostPlaces): Promise<UnfinishedChange[]> {
  const unfinished = await readUnfinished(places);
  return unfinished.length > 0 && (await isLockHeld(places.lock)) ? [] : unfinished;
}

/**
 * Bring to an end whatever earlier runs left unfinished; every changing run does this first. Running it again is
 * harmless. Guests are waited for side by side: one that is off must not wait for another's shutdown.
 * @returns a result for each guest that was touched or still needs a person.
 * @throws VirtioizeError `state-unwritable`, once all guests were seen to.
 */
export async function recoverAll(context: ChangeContext): Promise<GuestResult[]> {
  const unfinished = await readUnfinished(context.places);
  const settled = await forEach(unfinished, async (change) =>
    recoveredResult(change, await settleOrLeave(context, change)),
  );
  return [...settled, ...(await startWanted(context))];
}

const JOBS = 8;

async function forEach<T>(items: readonly T[], work: (item: T) => Promise<GuestResult>): Promise<GuestResult[]> {
  const atATime = pLimit(JOBS);
  const ends = await Promise.allSettled(items.map((item) => atATime(() => work(item))));
  return ends.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
}

/** Start the guests again that were asked to go off, did not in time, and have done so after all. */
export async function startWanted(context: ChangeContext): Promise<GuestResult[]> {
  const results: GuestResult[] = [];
  for (const wanted of findWanted(await readJournal(context.places.journal))) {
    const result = await startIfOff(context, wanted);
    if (result !== undefined) results.push(result);
  }
  return results;
}

async function startIfOff(context: ChangeContext, { change: id, guest, at: since }: Wanted) {
  const fate = await outlast(context.session, () => wantedFate(context, { id, guest })).catch(noFate);
  if (fate === 'still running') return undefined;
  if (typeof fate !== 'string') return { ...emptyResult(guest), outcome: 'needs-attention' as const, error: fate };
  if (fate === 'went off') {
    const steps = new Set<Step>(['begin', 'back-up', 'shut-down']);
    const settled = await settleOrLeave(context, { id, guest, steps, cause: wentOffLate(since) });
    return recoveredResult({ guest, since }, settled);
  }
  await announce(context.places.journal, { change: id, guest, step: 'end', side: 'undone' });
  if (fate === 'over') return undefined;
  const error = describeError(wentOffLate(since, 'it went off after all'));
  return {
    ...emptyResult(guest),
    outcome: 'failed' as const,
    error,
    warnings: [notStarted(guest.name, BOOTED_SINCE)],
  };
}

/** A record that can't be read, say: one guest's trouble stays its own. */
function noFate(error: unknown): NonNullable<GuestResult['error']> {
  if (!isVirtioizeError(error)) throw error;
  return describeError(error);
}

/** `over`: somebody started it anew, or it is gone, so that nothing is to be expected any more. */
async function wantedFate(
  { session, places }: ChangeContext,
  { id, guest }: Pick<UnfinishedChange, 'id' | 'guest'>,
): Promise<'still running' | 'went off' | 'off since a boot' | 'over'> {
  const record = await readRecord(changeFiles(places.backups, guest.uuid, id));
  if (record?.restart === undefined) return 'over';
  try {
    const { state } = await readPowerState(session, guest);
    const isSame = await isSameBoot(record.restart);
    if (!isActive(state)) return isSame ? 'went off' : 'off since a boot';
    const instance = readInstance(await dumpLiveDefinition(session, guest));
    return isSame && instance === record.restart.instance ? 'still running' : 'over';
  } catch (error) {
    if (isVirtioizeError(error, 'no-such-guest')) return 'over';
    throw error;
  }
}

function wentOffLate(since: string, what = 'it went off after all, and was started again'): VirtioizeError {
  const message = `It was asked to go off, and at ${since} had not done so in time; ${what}.`;
  return new VirtioizeError('shutdown-ignored', message, { hint: 'Try again with a longer --shutdown-timeout.' });
}

function recoveredResult({ guest, since }: Pick<UnfinishedChange, 'guest' | 'since'>, settled: Settled): GuestResult {
  const { record } = settled;
  const changes = record?.changes ?? [];
  const base: GuestResult = {
    ...emptyResult(guest),
    outcome: 'planned',
    disks: changes.map((change) => ({ ...change, outcome: 'planned' })),
  };
  const result = finishResult(base, settled, record?.active === true ? 'pending' : 'not-needed');
  const finished = record?.action === 'rollback' ? rollbackOutcome(result) : result;
  if (finished.outcome !== 'failed' || finished.error !== undefined) return finished;
  const message = `The ${record?.action ?? 'change'} of ${since} was interrupted; the guest has the definition that it had before.`;
  return { ...finished, error: { code: 'interrupted', message } };
}
