import type { GuestPlan } from '../guest-plan.ts';
import type { ChangeContext } from '../run-context.ts';
import { type PrimeOptions, primeGuest, primeRefusals } from './prime-guest.ts';

/**
 * Plan for a guest; where it runs and nothing but the proof of its driver is missing, plug a small virtio disk in first.
 * What keeps that from being taken up stands beside what the plan says.
 */
export async function primeWhereNeeded(
  context: ChangeContext,
  plan: () => Promise<GuestPlan>,
  options: PrimeOptions,
): Promise<GuestPlan> {
  const first = await plan();
  const lacksProof = first.refusals.some(({ code }) => code === 'no-driver-evidence');
  if (!lacksProof || primeRefusals(first.facts, context.uri).length > 0) return first;
  const problem = await primeGuest(context, first.facts, options);
  if (problem === undefined) return plan();
  return { ...first, refusals: [...first.refusals, problem] };
}
