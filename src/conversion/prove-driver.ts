import { isVouchable, type Refusal, type RefusalCode, type Warning } from '../domain/finding.ts';
import type { Evidence, Testimony } from '../preflight/evidence.ts';
import { gatherEvidence } from '../preflight/gather-evidence.ts';
import { offlineEvidence } from '../preflight/offline/offline-evidence.ts';
import { isUndecided, weighEvidence } from '../preflight/weigh.ts';
import type { ChangeRecord } from '../store/record.ts';
import { acceptedWarning } from './accepted.ts';
import type { GuestFacts } from './guest-facts.ts';
import type { ConversionOptions } from './guest-plan.ts';
import { judgedParts } from './judged-parts.ts';
import { type KeptJudgements, keptJudgements } from './kept-judgements.ts';
import { givenNames } from './past-conversions.ts';
import { rehearsalEvidence } from './rehearsal/rehearsal-evidence.ts';
import type { RehearsalSubject } from './rehearsal/rehearse.ts';
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

type Demands = Pick<ConversionOptions, 'requiredEvidence' | 'vouched' | 'reason' | 'rehearsal' | 'inTurn'>;

/** How a guest would be: what a clone of it would boot from. */
export type Prospect = Pick<RehearsalSubject, 'after' | 'moves'>;

/**
 * Ask every source whether the guest has the driver, and weigh what they say.
 * @param writes whether what is found may be kept.
 * @param prospect undefined where no clone of the guest can be made.
 */
export async function proveDriver(
  context: HostContext,
  facts: GuestFacts,
  records: readonly ChangeRecord[],
  options: Demands,
  { writes, prospect }: { readonly writes: boolean; readonly prospect?: Prospect | undefined },
): Promise<GuestSide> {
  return options.inTurn(async () => {
    context.report({ guest: facts.name, step: 'prove' });
    const testimonies = await gatherEvidence(context.session, {
      ...facts,
      live: facts.state === 'running' ? facts.live : undefined,
      inUse: facts.active || facts.managedSave,
      convertedBefore: givenNames(records),
      vouch: options.vouched ? options.reason : undefined,
      kept: keptOnDisks(context, facts, writes),
      interrupted: context.interrupted,
    });
    const isOff = !facts.active && !facts.managedSave;
    const rehearsed =
      isOff && prospect !== undefined
        ? await rehearsalEvidence(context, { ...subjectOf(facts, prospect), writes }, testimonies, options.rehearsal)
        : undefined;
    return weighGuestSide([...testimonies, ...(rehearsed === undefined ? [] : [rehearsed])], options);
  });
}

/** Look into the disks of a guest that has gone off, and weigh that with what was known while it ran. */
export async function proveWhileOff(
  context: HostContext,
  guest: Pick<GuestFacts, 'name' | 'uuid' | 'definition'>,
  { earlier, prospect }: { readonly earlier: readonly Testimony[]; readonly prospect: Prospect },
  options: Demands,
): Promise<GuestSide> {
  context.report({ guest: guest.name, step: 'prove' });
  const fresh = await offlineEvidence(context.session, {
    ...guest,
    inUse: false,
    flush: () => Promise.resolve(true),
    kept: keptOnDisks(context, guest, true),
    interrupted: context.interrupted,
  });
  const known = [fresh, ...earlier.filter(({ evidence }) => evidence.source !== 'offline')];
  const subject = { ...subjectOf(guest, prospect), writes: true };
  const rehearsed = await rehearsalEvidence(context, subject, known, options.rehearsal);
  return weighGuestSide(rehearsed === undefined ? known : [rehearsed, ...known], options);
}

function subjectOf(
  guest: Pick<GuestFacts, 'name' | 'uuid' | 'definition'>,
  prospect: Prospect,
): Omit<RehearsalSubject, 'namesAreKnown'> {
  return { guest, before: guest.definition, ...prospect };
}

function keptOnDisks(
  context: HostContext,
  { uuid, definition }: Pick<GuestFacts, 'uuid' | 'definition'>,
  writes: boolean,
): KeptJudgements {
  return keptJudgements(context, { guest: uuid, kept: 'inspection', parts: () => judgedParts(definition), writes });
}

/**
 * Whether a running guest's disks are to be looked into once it is off: what was seen so far may be old, or change then,
 * or a clone is to be booted where nothing else decides.
 */
export function hasToBeSeenOff(side: GuestSide, options: Demands): boolean {
  const mayChange = side.testimonies.some(({ warnings }) => warnings.some(({ code }) => code === 'fast-startup'));
  return mayChange || canStillCome(side, options);
}

/** Whether a proof that is not there yet can be had once the guest is off. */
function canStillCome({ testimonies }: GuestSide, { rehearsal }: Demands): boolean {
  const isOld = testimonies.some(({ evidence }) => evidence.stale === true);
  return isOld || (rehearsal !== undefined && isUndecided(testimonies));
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
export function provenSoFar(side: GuestSide, options: Demands): readonly Refusal[] {
  return canStillCome(side, options)
    ? side.refusals.filter(({ code }) => code !== 'no-driver-evidence')
    : side.refusals;
}

function weighGuestSide(testimonies: readonly Testimony[], demands: Demands): GuestSide {
  const { vouched } = demands;
  const unvouched = weighAsAsked(testimonies, demands);
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

/** A rehearsal that was asked for by name has to come to something. */
function weighAsAsked(
  testimonies: readonly Testimony[],
  { requiredEvidence, rehearsal }: Demands,
): ReturnType<typeof weighEvidence> {
  const weighed = weighEvidence(testimonies, requiredEvidence);
  if (rehearsal?.when !== 'always' || weighed.refusals.length > 0) return weighed;
  const rehearsed = testimonies.filter(({ evidence }) => evidence.source === 'rehearsal');
  return { ...weighed, refusals: weighEvidence(rehearsed, 'proven').refusals };
}
