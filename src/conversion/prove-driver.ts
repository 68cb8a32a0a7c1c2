import { isVouchable, type Refusal, type RefusalCode, type Warning } from '../domain/finding.ts';
import type { Evidence } from '../preflight/evidence.ts';
import { gatherEvidence } from '../preflight/gather-evidence.ts';
import { weighEvidence } from '../preflight/weigh.ts';
import type { ChangeRecord } from '../store/record.ts';
import { acceptedWarning } from './accepted.ts';
import type { GuestFacts } from './guest-facts.ts';
import type { ConversionOptions } from './guest-plan.ts';
import type { HostContext } from './run-context.ts';

/** What the guest's side says for and against a conversion. */
export interface GuestSide {
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly Warning[];
  readonly evidence: readonly Evidence[];
  /** Refusals that `--assume-driver` stood in for. */
  readonly overridden: readonly RefusalCode[];
}

/** A disk that only gets its final name is on virtio already. */
export const NOTHING_TO_PROVE: GuestSide = { refusals: [], warnings: [], evidence: [], overridden: [] };

/** Ask every source whether the guest has the driver, and weigh what they say. */
export async function proveDriver(
  { session, report }: HostContext,
  facts: GuestFacts,
  records: readonly ChangeRecord[],
  options: ConversionOptions,
): Promise<GuestSide> {
  report({ guest: facts.name, step: 'prove' });
  const testimonies = await gatherEvidence(session, {
    ...facts,
    live: facts.state === 'running' ? facts.live : undefined,
    convertedBefore: new Set(records.flatMap(({ changes }) => changes.map(({ to }) => to.target))),
    vouch: options.vouched ? options.reason : undefined,
  });
  const evidence = testimonies.map((testimony) => testimony.evidence);
  const unvouched = weighEvidence(testimonies, options.requiredEvidence);
  const overridden = options.vouched ? unvouched.refusals.filter(({ code }) => isVouchable(code)) : [];
  return {
    evidence,
    refusals: [
      ...unvouched.refusals.filter((refusal) => !overridden.includes(refusal)),
      ...testimonies.flatMap((testimony) => testimony.refusals),
    ],
    warnings: [...testimonies.flatMap((testimony) => testimony.warnings), ...overridden.map(acceptedWarning)],
    overridden: overridden.map(({ code }) => code),
  };
}
