import { COMPLIANCES, type Compliance, isFailure, summarizeRules } from '../compliance/guest-compliance.ts';
import type { RuleId } from '../compliance/rule-result.ts';
import type { GuestResult } from '../conversion/result.ts';
import type { Refusal } from '../domain/finding.ts';

/** A guest that was checked, in one word. What could not be read of it counts, unless it fails all the same. */
export function complianceOf({ compliance = [], error }: GuestResult): Compliance {
  const word = summarizeRules(compliance);
  return error !== undefined && word !== 'noncompliant' ? 'unreadable' : word;
}

/** How many guests stand in which way. */
export function countCompliances(guests: readonly GuestResult[]): Readonly<Record<Compliance, number>> {
  const words = guests.map(complianceOf);
  return Object.fromEntries(
    COMPLIANCES.map((compliance) => [compliance, words.filter((word) => word === compliance).length]),
  ) as Record<Compliance, number>;
}

/** Whether a guest breaks a rule, and nobody has waived that. */
export function failsRule({ compliance = [] }: GuestResult, rule: RuleId): boolean {
  return compliance.some((result) => result.rule === rule && isFailure(result));
}

/** Whether somebody has to do something about a guest. */
export function needsWork(guest: GuestResult): boolean {
  const word = complianceOf(guest);
  return word !== 'compliant' && word !== 'waived';
}

/** What stands in the way of converting a guest; of a drift its own rule tells. */
export function hindrances({ refusals }: Pick<GuestResult, 'refusals'>): Refusal[] {
  return refusals.filter(({ code }) => code !== 'source-drift');
}
