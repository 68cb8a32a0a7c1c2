import type { GuestPlan } from '../guest-plan.ts';
import type { ChangeContext } from '../run-context.ts';
import { type PrimeOptions, primeGuest, primeRefusals } from './prime-guest.ts';

/** Whether a guest runs, and nothing but the proof of its driver is missing, so that a disk plugged in may bring it. */
export function needsPriming({ facts, refusals }: GuestPlan, uri: string): boolean {
  const lacksProofOnly = refusals.length > 0 && refusals.every(({ code }) => code === 'no-driver-evidence');
  return lacksProofOnly && primeRefusals(facts, uri).length === 0;
}

/**
 * Plug a small virtio disk into a guest, and plan for it anew. What keeps it from being taken up stands beside what the
 * first plan says.
 */
export async function primeThenPlan(
  context: ChangeContext,
  first: GuestPlan,
  plan: () => Promise<GuestPlan>,
  options: PrimeOptions,
): Promise<GuestPlan> {
  const problem = await primeGuest(context, first.facts, options);
  return problem === undefined ? plan() : { ...first, refusals: [...first.refusals, problem] };
}
