import { isAcceptable, type Refusal, type RefusalCode, type Warning } from '../domain/finding.ts';

/** The refusals that stand, and those that the admin takes on. */
export function splitAccepted(
  all: readonly Refusal[],
  codes: ReadonlySet<RefusalCode>,
): { readonly refusals: Refusal[]; readonly accepted: Refusal[] } {
  const accepted = all.filter(({ code }) => codes.has(code) && isAcceptable(code));
  return { refusals: all.filter((refusal) => !accepted.includes(refusal)), accepted };
}

export function acceptedWarning({ code, message, disk }: Refusal): Warning {
  const warning = { code: 'accepted' as const, message: `Taken on by the admin (${code}): ${message}` };
  return disk === undefined ? warning : { ...warning, disk };
}
