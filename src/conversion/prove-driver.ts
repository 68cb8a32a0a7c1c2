import { isVouchable, type Refusal, type RefusalCode, type Warning } from '../domain/finding.ts';
import type { Evidence, Testimony } from '../preflight/evidence.ts';
import { gatherEvidence } from '../preflight/gather-evidence.ts';
import { offlineEvidence } from '../preflight/offline/offline-evidence.ts';
import { weighEvidence } from '../preflight/weigh.ts';
import type { ChangeRecord } from '../store/record.ts';
import { acceptedWarning } from './accepted.ts';
import type { GuestFacts } from './guest-facts.ts';
import type { ConversionOptions } from './guest-plan.ts';
import { keptInspections } from './kept-inspections.ts';
import { givenNames } from './past-conversions.ts';
import type { HostContext } from './run-context.ts';

/** What the guest's side says for and against a conversion. */
export interface GuestSide {
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly Warning[];
  readonly evidence: readonly Evidence[];
  /** Refusals that `--assume-driver` stood in for. */
  readonly overridden: readonly RefusalCode[];
  /** What each source said. */
  readonly testimonies: readonly Testimony[];
}

/** A disk that only gets its final name is on virtio already. */
export const NOTHING_TO_PROVE: GuestSide = {
  refusals: [],
  warnings: [],
  evidence: [],
  overridden: [],
  testimonies: [],
};

type Demands = Pick<ConversionOptions, 'requiredEvidence' | 'vouched' | 'reason'>;

/**
 * Ask every source whether the guest has the driver, and weigh what they say.
 * @param writes whether what is found may be kept.
 */
export async function proveDriver(
  context: HostContext,
  facts: GuestFacts,
  records: readonly ChangeRecord[],
  options: Demands,
  { writes }: { readonly writes: boolean },
): Promise<GuestSide> {
  context.report({ guest: facts.name, step: 'prove' });
  const testimonies = await gatherEvidence(context.session, {
    ...facts,
    live: facts.state === 'running' ? facts.live : undefined,
    inUse: facts.active || facts.managedSave,
    convertedBefore: givenNames(records),
    vouch: options.vouched ? options.reason : undefined,
    kept: keptInspections(context, facts, { writes }),
    interrupted: context.interrupted,
  });
  return weighGuestSide(testimonies, options);
}

/** Look into the disks of a guest that has gone off, and weigh that with what was known while it ran. */
export async function proveWhileOff(
  context: HostContext,
  guest: Pick<GuestFacts, 'name' | 'uuid' | 'definition'>,
  earlier: readonly Testimony[],
  options: Demands,
): Promise<GuestSide> {
  context.report({ guest: guest.name, step: 'prove' });
  const fresh = await offlineEvidence(context.session, {
    ...guest,
    inUse: false,
    flush: () => Promise.resolve(true),
    kept: keptInspections(context, guest, { writes: true }),
    interrupted: context.interrupted,
  });
  return weighGuestSide([fresh, ...earlier.filter(({ evidence }) => evidence.source !== 'offline')], options);
}

/** Whether a running guest's disks are to be looked into once it is off: what was seen so far may be old, or change then. */
export function hasToBeSeenOff({ testimonies }: GuestSide): boolean {
  return testimonies.some(
    ({ evidence, warnings }) => evidence.stale === true || warnings.some(({ code }) => code === 'fast-startup'),
  );
}

/**
 * A guest that is left pending is shut down by itself one day; with Fast Startup, Windows then hibernates and would wake
 * up with other disks.
 */
export function pendingRefusals({ warnings }: GuestSide): Refusal[] {
  const hazard = warnings.find(({ code }) => code === 'fast-startup');
  if (hazard === undefined) return [];
  return [
    {
      code: 'hibernated',
      message:
        'With Fast Startup, its next shutdown would hibernate Windows with its old disks, and it would wake up with new ones.',
      hint: 'Inside the guest, as administrator: powercfg /h off; or convert it with --restart graceful, which sees to it that it has not hibernated.',
    },
  ];
}

/** What refuses a guest that is going to be seen while it is off: not that nothing is proven yet, where that can still come. */
export function provenSoFar({ refusals, testimonies }: GuestSide): readonly Refusal[] {
  const canStillCome = testimonies.some(({ evidence }) => evidence.stale === true);
  return canStillCome ? refusals.filter(({ code }) => code !== 'no-driver-evidence') : refusals;
}

function weighGuestSide(testimonies: readonly Testimony[], { vouched, requiredEvidence }: Demands): GuestSide {
  const unvouched = weighEvidence(testimonies, requiredEvidence);
  const overridden = vouched ? unvouched.refusals.filter(({ code }) => isVouchable(code)) : [];
  return {
    testimonies,
    evidence: testimonies.map(({ evidence }) => evidence),
    refusals: [
      ...unvouched.refusals.filter((refusal) => !overridden.includes(refusal)),
      ...testimonies.flatMap(({ refusals }) => refusals),
    ],
    warnings: [...testimonies.flatMap(({ warnings }) => warnings), ...overridden.map(acceptedWarning)],
    overridden: overridden.map(({ code }) => code),
  };
}
