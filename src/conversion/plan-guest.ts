import type { Refusal } from '../domain/finding.ts';
import { countPciDevices } from '../domain/pci.ts';
import { showDiff } from '../domain/show-diff.ts';
import { readGuestRecords } from '../store/past-records.ts';
import { findPlacementProblem } from '../virsh/definitions.ts';
import type { GuestId } from '../virsh/guests.ts';
import type { Session } from '../virsh/session.ts';
import { acceptedWarning, splitAccepted } from './accepted.ts';
import { type Assessment, assessGuest, assessStanding } from './assess.ts';
import { failedBefore } from './failed-before.ts';
import { readGuestDetails, readGuestFacts, withAgentSeen } from './guest-facts.ts';
import type { ConversionOptions, GuestPlan } from './guest-plan.ts';
import { keptNames, standingConversion } from './past-conversions.ts';
import { withPrivateFile } from './private-file.ts';
import { hasToBeSeenOff, NOTHING_TO_PROVE, pendingRefusals, proveDriver, provenSoFar } from './prove-driver.ts';
import { planPendingRestart } from './restart/plan-pending.ts';
import { planRestart } from './restart/plan-restart.ts';
import type { HostContext } from './run-context.ts';

/**
 * Read a guest, work out its new definition, and gather all that speaks for and against it.
 * @param secrets whether the definition is going to be defined, so that it must be read with its passwords.
 * @param writes whether what is found out may be kept.
 */
export async function planGuest(
  context: HostContext,
  guest: GuestId,
  options: ConversionOptions,
  { secrets, writes }: { readonly secrets: boolean; readonly writes: boolean },
): Promise<GuestPlan> {
  const { session, places, report } = context;
  report({ guest: guest.name, step: 'read' });
  const at = Date.now();
  const [known, records] = await Promise.all([
    readGuestFacts(context, guest, { secrets }),
    readGuestRecords(places.backups, guest.uuid),
  ]);
  const standing = assessStanding(known, options.buses);
  const facts = standing === 'compliant' ? known : await withAgentSeen(session, known);
  const earlier = standingConversion(records);
  const keptBefore = keptNames(records);
  const idle = { at, facts, standing, refusals: [], warnings: [], evidence: [], accepted: [], earlier };
  // A guest that runs from virtio is not restarted for the sake of its disks' names.
  const restart = facts.active && standing !== 'compliant' ? options.restart : undefined;
  if (standing === 'pending' && restart !== undefined)
    return planPendingRestart(context, { facts, records, earlier, options, restart, secrets, writes });
  if (standing !== 'emulated' && keptBefore.size === 0)
    return { ...idle, verdict: 'nothing-to-do', assessment: undefined };

  const details = await readGuestDetails(context, facts);
  const assessment = assessGuest(facts, details, { ...options, keptBefore, restarts: restart !== undefined });
  const { rewrite } = assessment;
  if (rewrite.changes.length === 0 && rewrite.refusals.length === 0)
    return { ...idle, verdict: 'nothing-to-do', assessment: undefined };

  const placement = await placementRefusals(session, assessment);
  const leavesBus = standing === 'emulated';
  const { changes: moves, definition: after = facts.definition } = rewrite;
  const restartPlan =
    restart === undefined ? undefined : await planRestart(context, { facts, options: restart, after, moves });
  // no clone is booted of a guest that is refused whatever it shows
  const isHopeless = splitAccepted([...assessment.refusals, ...placement], options.accepted).refusals.length > 0;
  const prospect = rewrite.definition === undefined || isHopeless ? undefined : { after, moves };
  const guestSide = leavesBus
    ? await proveDriver(context, facts, records, options, { writes, prospect })
    : NOTHING_TO_PROVE;
  const seesOff = restartPlan !== undefined && hasToBeSeenOff(guestSide, options);
  const all = [
    ...assessment.refusals,
    ...placement,
    ...(seesOff ? provenSoFar(guestSide, options) : guestSide.refusals),
    ...(facts.active && restartPlan === undefined ? pendingRefusals(guestSide) : []),
    ...(restartPlan?.refusals ?? []),
    ...(facts.active && options.rehearsal?.when === 'always' ? [notOff()] : []),
    ...(leavesBus ? await failedBefore(context, facts, records, guestSide.evidence) : []),
  ];
  const { refusals, accepted: acceptedRefusals } = splitAccepted(all, options.accepted);
  return {
    at,
    facts,
    standing,
    verdict: refusals.length > 0 ? 'refused' : 'planned',
    assessment,
    refusals,
    warnings: [...assessment.warnings, ...guestSide.warnings, ...acceptedRefusals.map(acceptedWarning)],
    evidence: guestSide.evidence,
    accepted: [...acceptedRefusals.map(({ code }) => code), ...guestSide.overridden],
    earlier,
    ...(restartPlan === undefined ? {} : { restart: restartPlan }),
    ...(seesOff ? { proofWhileOff: { testimonies: guestSide.testimonies, options } } : {}),
  };
}

function notOff(): Refusal {
  return {
    code: 'guest-busy',
    message: 'It runs: a clone of its disks would be one of a system that lost its power.',
    hint: 'Shut it down, then rehearse it; or convert it with --restart graceful --rehearse, which does that while it is off.',
  };
}

/** Long enough for a handful of guests, too short for a system to be updated unseen. */
const FRESH_MS = 120_000;

/** A plan that has waited long for its turn speaks of a guest as it was then: it is made anew. */
export async function refreshPlan(
  context: HostContext,
  plan: GuestPlan,
  options: ConversionOptions,
): Promise<GuestPlan> {
  const { name, uuid } = plan.facts;
  return Date.now() - plan.at < FRESH_MS
    ? plan
    : planGuest(context, { name, uuid }, options, { secrets: true, writes: true });
}

/** Below this many devices there is room on every machine type, and libvirt need not be asked. */
const PLENTY_OF_ROOM = 20;

async function placementRefusals(session: Session, { rewrite }: Assessment): Promise<Refusal[]> {
  const { definition } = rewrite;
  if (definition === undefined || countPciDevices(definition) < PLENTY_OF_ROOM) return [];
  const problem = await withPrivateFile(definition, (file) => findPlacementProblem(session, file));
  if (problem === undefined) return [];
  return [
    {
      code: 'pci-slots',
      message: `libvirt finds no place for the new disks: ${problem}.`,
      hint: 'Remove devices that are not used, or convert fewer buses at a time with --from; virtio-scsi takes many disks on one controller.',
    },
  ];
}

/** The unified diff of what is planned, for people. */
export function planDiff({ facts, assessment }: GuestPlan): string {
  const after = assessment?.rewrite.definition;
  return after === undefined ? '' : showDiff(facts.definition, after);
}
