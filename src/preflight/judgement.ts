import type { Refusal, Warning } from '../domain/finding.ts';
import type { Evidence, Verdict } from './evidence.ts';

/** What the rules say of a guest's system; the source that read the system makes it evidence. */
export interface Judgement {
  readonly verdict: Verdict;
  /** One sentence: the fact that decided it. */
  readonly summary: string;
  /** What was seen, a line a fact, for people and for the record. */
  readonly facts: Evidence['facts'];
  /** What is refused where this verdict is not enough, and how to make the guest ready. */
  readonly lack?: Refusal;
  /** What stands in the way beside the driver. */
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly Warning[];
  /** Why what was read may be older than what the system would start with. */
  readonly stale?: string;
  /** Read of a running guest's disks, it would be the same once the guest is off: they are encrypted, say. */
  readonly isFinal?: boolean;
}
