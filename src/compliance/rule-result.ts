/** The rules that `check` applies (docs/compliance.md). Ids are stable and never reused. */
export const RULE_IDS = ['VIO-001', 'VIO-002', 'VIO-003'] as const;
export type RuleId = (typeof RULE_IDS)[number];

/** What one rule says of one guest, in the words of XCCDF (NIST SP 800-126, result types). */
export interface RuleResult {
  readonly rule: RuleId;
  readonly result: 'pass' | 'fail' | 'error' | 'unknown' | 'notapplicable';
  /** What was found; for all but `pass` and `notapplicable`. */
  readonly message?: string;
  /** The target names that fail it. */
  readonly disks: readonly string[];
  /** ISO 8601: since when it fails, where that is known. */
  readonly since?: string;
  /** What an admin has waived it with: a waived failure does not count. */
  readonly waiver?: { readonly reason: string; readonly expires: string };
}

/** A waiver of the policy, as every report lists it. */
export interface WaiverStatus {
  /** Names, UUIDs or globs. */
  readonly guests: readonly string[];
  readonly rules: readonly RuleId[];
  readonly reason: string;
  /** The last day on which it counts, as YYYY-MM-DD (UTC). */
  readonly expires: string;
  /** An expired one counts as none. */
  readonly isExpired: boolean;
  /** How many of the guests that were looked at it names. */
  readonly matched: number;
}

/** How many of the guests that virtioize knows of still had emulated disks, at one time. */
export interface TrendPoint {
  /** ISO 8601 */
  readonly at: string;
  readonly guests: number;
}
