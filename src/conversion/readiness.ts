import type { GuestPlan } from './guest-plan.ts';
import type { GuestResult } from './result.ts';

/** When a planned guest can be converted; nothing where there is nothing to convert. */
export function readinessOf({ verdict, refusals, evidence, facts }: GuestPlan): Pick<GuestResult, 'ready'> {
  if (verdict === 'nothing-to-do') return {};
  if (verdict === 'planned') return { ready: 'now' };
  // Read of a running guest, it may be old; once the guest is off it is not.
  const canBeProven = evidence.some(({ stale, verdict: told }) => stale === true && told !== 'refuted');
  const byRestart = facts.active && canBeProven && refusals.every(({ code }) => code === 'no-driver-evidence');
  return { ready: byRestart ? 'with-restart' : 'not-yet' };
}
