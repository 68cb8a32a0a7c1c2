import type { Refusal } from '../domain/finding.ts';
import type { Evidence, EvidenceSource, Testimony, Verdict } from './evidence.ts';

/**
 * What each verdict of a source is worth (docs/evidence.md). A source that reads the guest's own system, or
 * boots it, can prove and refute; that a disk is attached is a hint; the admin's word proves nothing: it stands in for a proof, and is kept.
 */
const WORTH: Readonly<Record<EvidenceSource | 'stale', Readonly<Record<Verdict, Verdict>>>> = {
  agent: { proven: 'proven', likely: 'likely', unknown: 'unknown', refuted: 'refuted' },
  offline: { proven: 'proven', likely: 'likely', unknown: 'unknown', refuted: 'refuted' },
  stale: { proven: 'likely', likely: 'likely', unknown: 'unknown', refuted: 'refuted' },
  rehearsal: { proven: 'proven', likely: 'likely', unknown: 'unknown', refuted: 'refuted' },
  attached: { proven: 'unknown', likely: 'likely', unknown: 'unknown', refuted: 'unknown' },
  attested: { proven: 'unknown', likely: 'unknown', unknown: 'unknown', refuted: 'unknown' },
};

/** Which verdict wins where sources differ: a refutation by one that can refute, then a proof, then a hint. */
const ORDER: readonly Verdict[] = ['refuted', 'proven', 'likely', 'unknown'];

export interface Weighed {
  readonly verdict: Verdict;
  /** What speaks against going on with no more than this verdict. */
  readonly refusals: readonly Refusal[];
}

/** Given what all sources say about a guest and the weakest verdict that is enough, the verdict and what it refuses. */
export function weighEvidence(testimonies: readonly Testimony[], required: 'proven' | 'likely'): Weighed {
  const verdict = weighVerdicts(testimonies.map(({ evidence }) => evidence));
  if (verdict === 'proven' || (verdict === 'likely' && required === 'likely')) return { verdict, refusals: [] };
  const lack = testimonies.find(
    ({ evidence, lack: told }) => told !== undefined && worthOf(evidence) === verdict,
  )?.lack;
  return { verdict, refusals: [lack ?? noEvidence(testimonies, verdict)] };
}

/** What all evidence about a guest comes to. */
export function weighVerdicts(evidence: readonly Evidence[]): Verdict {
  return ORDER.find((verdict) => evidence.some((one) => worthOf(one) === verdict)) ?? 'unknown';
}

/** Whether what is known neither proves nor refutes. */
export function isUndecided(testimonies: readonly Testimony[]): boolean {
  const verdict = weighVerdicts(testimonies.map(({ evidence }) => evidence));
  return verdict !== 'proven' && verdict !== 'refuted';
}

/** What one piece of evidence counts for. */
function worthOf({ source, verdict, stale }: Evidence): Verdict {
  return WORTH[stale === true ? 'stale' : source][verdict];
}

const VOUCH =
  'Start the guest with its guest agent and try again, or have a clone of it booted while it is off (--rehearse); if you know that it has the driver: --assume-driver --reason TEXT.';

function noEvidence(testimonies: readonly Testimony[], verdict: Verdict): Refusal {
  const told = testimonies.filter(({ evidence }) => evidence.source !== 'attested');
  const summaries = told.map(({ evidence }) => evidence.summary).join(' ');
  if (verdict === 'likely') {
    return {
      code: 'no-driver-evidence',
      message: `That the guest has the virtio driver is likely, not proven: ${summaries}`,
      hint: 'Take it on with --require-evidence likely --reason TEXT, or have it looked into, or a clone of it booted, while it is off (--restart graceful --rehearse).',
    };
  }
  return {
    code: 'no-driver-evidence',
    message: `Nothing proves that the guest can boot from virtio. ${summaries}`.trim(),
    hint: [...testimonies.flatMap(({ hint }) => hint ?? []), VOUCH].join(' '),
  };
}
