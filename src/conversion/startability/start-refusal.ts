import type { Refusal } from '../../domain/finding.ts';

/** Which of the two definitions of a guest a refusal is about. */
export type Side = 'both' | 'old' | 'new';

/** What a missing thing means: `the guest could not be started again`, and with which definition. */
export function couldNotStart(side: Side): string {
  const whole = 'the guest could not be started again';
  return { both: whole, old: `${whole} as it was`, new: `${whole} with its new definition` }[side];
}

export function startRefusal(message: string, hint: string, disk?: string): Refusal {
  const refusal = { code: 'not-startable', message, hint } as const;
  return disk === undefined ? refusal : { ...refusal, disk };
}
