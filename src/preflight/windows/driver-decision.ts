import type { Refusal } from '../../domain/finding.ts';
import type { Verdict } from '../evidence.ts';

/** What the rules A to E come to, and what is to be done about it. */
export interface DriverDecision {
  readonly verdict: Verdict;
  /** One sentence: the fact that decided it. */
  readonly summary: string;
  readonly lack?: Refusal;
}

const LOOK_OTHERWISE =
  'Let virtioize inspect the guest while it is off; if you know that it has the driver: --assume-driver --reason TEXT.';

export function decideProven(summary: string): DriverDecision {
  return { verdict: 'proven', summary };
}

export function decideLikely(summary: string, hint: string): DriverDecision {
  return { verdict: 'likely', summary, lack: noEvidence(summary, hint) };
}

export function decideUnknown(summary: string, hint = LOOK_OTHERWISE): DriverDecision {
  return { verdict: 'unknown', summary, lack: noEvidence(summary, hint) };
}

export function decideRefuted(
  summary: string,
  code: 'driver-missing' | 'driver-not-boot-start' | 'unsupported-machine',
  hint: string,
): DriverDecision {
  return {
    verdict: 'refuted',
    summary,
    lack: { code, message: `Windows would not find its disk: ${summary}`, hint },
  };
}

function noEvidence(summary: string, hint: string): Refusal {
  return { code: 'no-driver-evidence', message: `Nothing proves that Windows would find its disk: ${summary}`, hint };
}
