import { VirtioizeError } from '../error.ts';
import { findUnfinished, readJournal, type UnfinishedChange } from '../store/journal.ts';
import { isLockHeld } from '../store/lock.ts';
import type { HostPlaces } from '../store/state-dir.ts';
import { describeError } from './attempt-guest.ts';
import { emptyResult, type GuestResult } from './result.ts';
import type { ChangeContext } from './run-context.ts';
import { type Settled, settleOrLeave } from './settle-change.ts';

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
  return results;
}

function recoveredResult({ id, guest, since }: UnfinishedChange, { side, record, error }: Settled): GuestResult {
  const base = { ...emptyResult(guest), conversionId: id };
  const changes = record?.changes ?? [];
  if (side === 'unsettled') {
    const problem = error ?? new VirtioizeError('bug', `The change of ${since} could not be brought to an end.`);
    return { ...base, outcome: 'needs-attention', error: describeError(problem) };
  }
  if (side === 'undone') {
    const what = record?.action ?? 'change';
    const message = `The ${what} of ${since} was interrupted; the guest has the definition that it had before.`;
    return {
      ...base,
      outcome: 'failed',
      error: { code: 'interrupted', message },
      disks: changes.map((change) => ({ ...change, outcome: 'unchanged' })),
    };
  }
  return {
    ...base,
    outcome: record?.action === 'rollback' ? 'rolled-back' : 'converted',
    restart: record?.active === true ? 'pending' : 'not-needed',
    disks: changes.map((change) => ({ ...change, outcome: 'converted' })),
  };
}
