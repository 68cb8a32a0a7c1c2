import type { UnfinishedChange } from '../store/journal.ts';
import { attemptGuest } from './attempt-guest.ts';
import { planResult } from './convert-guest.ts';
import type { ConversionOptions } from './guest-plan.ts';
import { keepEvidence } from './keep-evidence.ts';
import { planGuest } from './plan-guest.ts';
import { findInterrupted } from './recover.ts';
import { resolveSelection, type SelectionOptions } from './resolve-selection.ts';
import type { GuestResult } from './result.ts';
import type { HostContext } from './run-context.ts';

export interface PlanOnlyOptions {
  /** Keep what was found out, for `status` to show later. */
  readonly remember: boolean;
  readonly interrupted: AbortSignal;
  readonly onGuest: (result: GuestResult) => void;
}

/** Plan for all selected guests and change none. */
export async function planOnly(
  host: HostContext,
  selection: SelectionOptions,
  conversion: ConversionOptions,
  { remember, interrupted, onGuest }: PlanOnlyOptions,
): Promise<{ guests: GuestResult[]; unfinished: UnfinishedChange[] }> {
  const guests: GuestResult[] = [];
  for (const guest of await resolveSelection(host.session, selection)) {
    if (interrupted.aborted) break;
    const plan = await attemptGuest(guest, () =>
      planGuest(host, guest, conversion, { secrets: false, writes: remember }),
    );
    const result = 'facts' in plan ? planResult(plan) : plan;
    if (remember) await keepEvidence(host, result);
    guests.push(result);
    onGuest(result);
  }
  return { guests, unfinished: await findInterrupted(host.places) };
}
