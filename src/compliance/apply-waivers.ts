import type { RuleId, RuleResult, WaiverStatus } from './rule-result.ts';

/** Rules that some guests need not keep, until a day. */
export interface Waiver {
  /** Names, UUIDs or globs. */
  readonly guests: readonly string[];
  readonly rules: readonly RuleId[];
  readonly reason: string;
  /** The last day on which it counts, as YYYY-MM-DD (UTC). */
  readonly expires: string;
}

/** The failures with the waivers that cover them; where several do, the one that lasts longest. */
export function applyWaivers(
  results: readonly RuleResult[],
  /** Those that name the guest. */
  waivers: readonly Waiver[],
  today: string,
): RuleResult[] {
  const counting = waivers
    .filter((waiver) => !isExpired(waiver, today))
    .sort((one, other) => other.expires.localeCompare(one.expires));
  return results.map((result) => {
    const waiver = result.result === 'fail' ? counting.find(({ rules }) => rules.includes(result.rule)) : undefined;
    return waiver === undefined ? result : { ...result, waiver: { reason: waiver.reason, expires: waiver.expires } };
  });
}

/** All waivers as a report lists them, those that have expired or name nobody included. */
export function listWaivers<W extends Waiver>(
  waivers: readonly W[],
  today: string,
  countGuests: (waiver: W) => number,
): WaiverStatus[] {
  return waivers.map((waiver) => {
    const { guests, rules, reason, expires } = waiver;
    return { guests, rules, reason, expires, isExpired: isExpired(waiver, today), matched: countGuests(waiver) };
  });
}

function isExpired({ expires }: Waiver, today: string): boolean {
  return expires < today;
}
