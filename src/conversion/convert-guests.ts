import { isVirtioizeError } from '../error.ts';
import { convertGuest, describeError, planResult } from './convert-guest.ts';
import type { GuestPlan } from './plan-guest.ts';
import type { GuestResult } from './result.ts';
import type { ChangeContext } from './run-context.ts';

/**
 * Carry out plans one after the other, in order. One guest's failure does not touch another; once the connection or the
 * state directory is lost, or the run is interrupted, no new guest is begun.
 * @throws VirtioizeError `state-unwritable` where not even the first change could be written down.
 */
export async function convertGuests(
  context: ChangeContext,
  plans: readonly GuestPlan[],
  reason: string | undefined,
  onResult: (result: GuestResult) => void,
): Promise<GuestResult[]> {
  const results: GuestResult[] = [];
  let stopped = false;
  for (const plan of plans) {
    const result: GuestResult =
      stopped || context.interrupted.aborted ? skipped(plan) : await attempt(context, plan, reason, results);
    stopped ||= result.error?.code === 'connection-lost' || result.error?.code === 'state-unwritable';
    results.push(result);
    onResult(result);
  }
  return results;
}

function skipped(plan: GuestPlan): GuestResult {
  const result = planResult(plan);
  return result.outcome === 'planned' ? { ...result, outcome: 'skipped' } : result;
}

async function attempt(
  context: ChangeContext,
  plan: GuestPlan,
  reason: string | undefined,
  earlier: readonly GuestResult[],
): Promise<GuestResult> {
  try {
    return await convertGuest(context, plan, reason);
  } catch (error) {
    if (!isVirtioizeError(error)) throw error;
    const nothingChanged = earlier.every(({ outcome }) => outcome !== 'converted' && outcome !== 'needs-attention');
    if (error.code === 'state-unwritable' && nothingChanged) throw error;
    return { ...planResult(plan), outcome: 'failed', error: describeError(error) };
  }
}
