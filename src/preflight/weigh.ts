import type { Refusal } from '../domain/finding.ts';
import type { Evidence, Verdict } from './evidence.ts';

/**
 * What the sources are worth (docs/evidence.md). A source that reads the guest's own system can prove and refute; that
 * a disk is attached is a hint; the admin's word stands in for a proof, and is kept as such.
 */
const CAN_DECIDE: Readonly<Record<Evidence['source'], boolean>> = { agent: true, attached: false, attested: false };

export interface Weighed {
  readonly verdict: Verdict;
  readonly refusals: readonly Refusal[];
}

/** Given all evidence about a guest and the weakest verdict that is enough, the verdict and what it refuses. */
export function weighEvidence(evidence: readonly Evidence[], required: 'proven' | 'likely'): Weighed {
  const told = evidence.filter(({ source }) => source !== 'attested');
  const deciding = told.filter(({ source }) => CAN_DECIDE[source]);
  const refuting = deciding.find(({ verdict }) => verdict === 'refuted');
  const verdict = weigh(told, deciding);
  if (verdict === 'proven' || (verdict === 'likely' && required === 'likely')) return { verdict, refusals: [] };
  return { verdict, refusals: [refuting === undefined ? noEvidence(told, verdict) : driverMissing(refuting)] };
}

function weigh(evidence: readonly Evidence[], deciding: readonly Evidence[]): Verdict {
  if (deciding.some(({ verdict }) => verdict === 'refuted')) return 'refuted';
  if (deciding.some(({ verdict }) => verdict === 'proven')) return 'proven';
  if (evidence.some(({ verdict }) => verdict === 'likely')) return 'likely';
  return 'unknown';
}

function driverMissing({ summary, facts }: Evidence): Refusal {
  return {
    code: 'driver-missing',
    message: `The guest would not find its disk: ${summary}`,
    hint: facts.remedy ?? 'Put virtio_blk and virtio_pci into the initramfs inside the guest, then try again.',
  };
}

function noEvidence(evidence: readonly Evidence[], verdict: Verdict): Refusal {
  if (verdict === 'likely') {
    return {
      code: 'no-driver-evidence',
      message: `That the guest has the virtio driver is likely, not proven: ${evidence.map(({ summary }) => summary).join(' ')}`,
      hint: 'Take it on with --require-evidence likely --reason TEXT, or let the guest run with its agent and try again.',
    };
  }
  const tried = evidence.map(({ summary }) => summary).join(' ');
  return {
    code: 'no-driver-evidence',
    message: `Nothing proves that the guest can boot from virtio. ${tried}`.trim(),
    hint: 'Start the guest with its guest agent and try again; if you know that it has the driver: --assume-driver --reason TEXT.',
  };
}
