import type { Refusal, Warning } from '../domain/finding.ts';

/** How sure it is that the guest can boot from virtio. */
export type Verdict = 'proven' | 'likely' | 'unknown' | 'refuted';

/** Where a verdict comes from. */
export type EvidenceSource = 'agent' | 'offline' | 'rehearsal' | 'attached' | 'attested';

/** What one source says about the driver. The facts are what it saw, for people and for the record. */
export interface Evidence {
  readonly source: EvidenceSource;
  readonly verdict: Verdict;
  /** One sentence: the verdict and the fact that decided it. */
  readonly summary: string;
  readonly facts: Readonly<Record<string, string>>;
  /** What was read may be older than what the running guest has by now. */
  readonly stale?: boolean | undefined;
}

/** Evidence about the driver, with what the same source found beside it: names of disks that would change. */
export interface Testimony {
  readonly evidence: Evidence;
  /** What is refused where this verdict is not enough, and how to make the guest ready. */
  readonly lack?: Refusal;
  /** What would let this source say more. */
  readonly hint?: string;
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly Warning[];
}
