import type { RuleResult } from './rule-result.ts';

/**
 * A guest in one word: `noncompliant` where it fails VIO-001 or VIO-003; `unreadable` where a rule could not be
 * evaluated; `pending` where it only waits for its restart; `waived` where all that it fails is waived.
 */
export const COMPLIANCES = ['compliant', 'waived', 'pending', 'unreadable', 'noncompliant'] as const;
export type Compliance = (typeof COMPLIANCES)[number];

/** The worst that the rules say of a guest. */
export function summarizeRules(results: readonly RuleResult[]): Compliance {
  const failed = results.filter(isFailure);
  if (failed.some(({ rule }) => rule !== 'VIO-002')) return 'noncompliant';
  if (results.some(({ result }) => result === 'error' || result === 'unknown')) return 'unreadable';
  if (failed.length > 0) return 'pending';
  return results.some(({ waiver }) => waiver !== undefined) ? 'waived' : 'compliant';
}

/** Whether a rule is broken, and nobody has waived that. */
export function isFailure({ result, waiver }: RuleResult): boolean {
  return result === 'fail' && waiver === undefined;
}
