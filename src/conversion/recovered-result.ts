import type { UnfinishedChange } from '../store/journal.ts';
import { finishResult } from './finish-result.ts';
import { emptyResult, type GuestResult } from './result.ts';
import { rollbackOutcome } from './rollback-guest.ts';
import type { Settled } from './settle-change.ts';

/** What the end of a change that an earlier run had begun makes of its guest. */
export function recoveredResult(
  { guest, since }: Pick<UnfinishedChange, 'guest' | 'since'>,
  settled: Settled,
): GuestResult {
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
