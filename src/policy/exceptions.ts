import type { RuleId } from '../compliance/rule-result.ts';
import type { RefusalCode } from '../domain/finding.ts';
import type { GuestId } from '../virsh/guests.ts';
import { guestMatcher } from './guest-pattern.ts';
import type { Exception, Policy } from './policy.ts';

/** What the policy takes on for one guest today. */
export interface GuestExceptions {
  /** Its driver is vouched for. */
  readonly vouched: boolean;
  readonly likelyIsEnough: boolean;
  readonly accepted: ReadonlySet<RefusalCode>;
  /** Neither kept from being restarted, nor excused from it. */
  readonly mayRestart: boolean;
  /** Of all that is taken on for it; undefined where nothing is. */
  readonly reason: string | undefined;
}

/** Given a policy and a day (YYYY-MM-DD, in UTC), what is taken on for a guest. What has expired counts as none. */
export function exceptionsFor(policy: Policy, guest: GuestId, today: string): GuestExceptions {
  const meant = <T extends Exception>(all: readonly T[]): readonly T[] =>
    all.filter(({ guests, expires }) => expires >= today && guestMatcher(guests)(guest));
  const [attested, likely, accepted] = [meant(policy.attest), meant(policy.acceptLikely), meant(policy.accept)];
  const reasons = [
    ...new Set([...attested, ...likely, ...accepted].map(({ reason, expires }) => `${reason} (until ${expires})`)),
  ];
  return {
    vouched: attested.length > 0,
    likelyIsEnough: likely.length > 0,
    accepted: new Set(accepted.flatMap(({ codes }) => codes)),
    mayRestart: !guestMatcher(policy.neverRestart)(guest) && findWaiver(policy, guest, 'VIO-002', today) === undefined,
    reason: reasons.length === 0 ? undefined : reasons.join('; '),
  };
}

/** The waiver by which a guest need not keep a rule today. */
export function findWaiver(policy: Policy, guest: GuestId, rule: RuleId, today: string): Exception | undefined {
  return policy.waive.find(
    ({ guests, rules, expires }) => expires >= today && rules.includes(rule) && guestMatcher(guests)(guest),
  );
}

/** The day of a time, as YYYY-MM-DD in UTC. */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}
