import type { UnfinishedChange } from '../store/journal.ts';
import type { GuestId } from '../virsh/guests.ts';
import { attemptGuest } from './attempt-guest.ts';
import { planResult } from './convert-guest.ts';
import { findInterrupted } from './find-interrupted.ts';
import type { GuestPlan } from './guest-plan.ts';
import { keepEvidence } from './keep-evidence.ts';
import { readinessOf } from './readiness.ts';
import { resolveSelection, type SelectionOptions } from './resolve-selection.ts';
import type { GuestResult } from './result.ts';
import type { HostContext } from './run-context.ts';
import { settleAll } from './settle-all.ts';

export interface PlanOnlyOptions {
  readonly plan: (guest: GuestId) => Promise<GuestPlan | GuestResult>;
  /** Keep what was found out, for `status` to show later. */
  readonly remember: boolean;
  /** How many guests are looked into at the same time. */
  readonly jobs: number;
  readonly onGuest: (result: GuestResult) => void;
}

/** Plan for all selected guests and change none. */
export async function planOnly(
  host: HostContext,
  selection: SelectionOptions,
  { plan: planFor, remember, jobs, onGuest }: PlanOnlyOptions,
): Promise<{ guests: GuestResult[]; unfinished: UnfinishedChange[] }> {
  const selected = await resolveSelection(host, selection);
  const results = await settleAll(selected, jobs, async (guest): Promise<GuestResult | undefined> => {
    if (host.interrupted.aborted) return undefined;
    const plan = await attemptGuest(guest, () => planFor(guest));
    const result = 'facts' in plan ? { ...planResult(plan), ...readinessOf(plan) } : plan;
    if (remember) await keepEvidence(host, result);
    onGuest(result);
    return result;
  });
  const guests = results.filter((result) => result !== undefined);
  return { guests, unfinished: await findInterrupted(host.places) };
}
