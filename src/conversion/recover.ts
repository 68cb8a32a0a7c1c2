import { isVirtioizeError, VirtioizeError } from '../error.ts';
import {
  announce,
  findUnfinished,
  findWanted,
  readJournal,
  type Step,
  type UnfinishedChange,
} from '../store/journal.ts';
import { isLockHeld } from '../store/lock.ts';
import { changeFiles, readRecord } from '../store/record.ts';
import type { HostPlaces } from '../store/state-dir.ts';
import { dumpLiveDefinition } from '../virsh/definitions.ts';
import { isActive } from '../virsh/guests.ts';
import { outlast } from '../virsh/outlast.ts';
import { readPowerState } from '../virsh/power.ts';
import { finishResult } from './convert-guest.ts';
import { readInstance } from './restart/instance.ts';
import { emptyResult, type GuestResult } from './result.ts';
import { rollbackOutcome } from './rollback-guest.ts';
import type { ChangeContext } from './run-context.ts';
import { isSameBoot, type Settled, settleOrLeave } from './settle-change.ts';

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
 * harmless.
 * @returns a result for each guest that was touched or still needs a person.
 * @throws VirtioizeError `state-unwritable`
 */
export async function recoverAll(context: ChangeContext): Promise<GuestResult[]> {
  const results: GuestResult[] = [];
  for (const unfinished of await readUnfinished(context.places)) {
    results.push(recoveredResult(unfinished, await settleOrLeave(context, unfinished)));
  }
  return [...results, ...(await startWanted(context))];
}

/** Start the guests again that were asked to go off, did not in time, and have done so after all. */
async function startWanted(context: ChangeContext): Promise<GuestResult[]> {
  const results: GuestResult[] = [];
  for (const { change: id, guest, at: since } of findWanted(await readJournal(context.places.journal))) {
    const fate = await outlast(context.session, () => wantedFate(context, { id, guest }));
    if (fate === 'still running') continue;
    if (fate === 'over') await announce(context.places.journal, { change: id, guest, step: 'end', side: 'undone' });
    else {
      const steps = new Set<Step>(['begin', 'back-up', 'shut-down']);
      const settled = await settleOrLeave(context, { id, guest, steps, cause: wentOffLate(since) });
      results.push(recoveredResult({ guest, since }, settled));
    }
  }
  return results;
}

/** `over`: its host was booted since, or somebody started it anew, so that nothing is to be expected any more. */
async function wantedFate(
  { session, places }: ChangeContext,
  { id, guest }: Pick<UnfinishedChange, 'id' | 'guest'>,
): Promise<'still running' | 'went off' | 'over'> {
  const record = await readRecord(changeFiles(places.backups, guest.uuid, id));
  if (record?.restart === undefined || !(await isSameBoot(record.restart))) return 'over';
  try {
    const { state } = await readPowerState(session, guest);
    if (!isActive(state)) return 'went off';
    return readInstance(await dumpLiveDefinition(session, guest)) === record.restart.instance
      ? 'still running'
      : 'over';
  } catch (error) {
    if (isVirtioizeError(error, 'no-such-guest')) return 'over';
    throw error;
  }
}

function wentOffLate(since: string): VirtioizeError {
  const message = `It was asked to go off at ${since}, did not in time, and went off after all; it was started again.`;
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
