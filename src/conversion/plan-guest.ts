import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmulatedBus } from '../domain/disk.ts';
import { isAcceptable, isVouchable, type Refusal, type RefusalCode, type Warning } from '../domain/finding.ts';
import { countPciDevices } from '../domain/pci.ts';
import { showDiff } from '../domain/show-diff.ts';
import type { Evidence } from '../preflight/evidence.ts';
import { gatherEvidence } from '../preflight/gather-evidence.ts';
import { weighEvidence } from '../preflight/weigh.ts';
import { type ChangeRecord, readGuestRecords } from '../store/record.ts';
import { findPlacementProblem } from '../virsh/definitions.ts';
import type { GuestId } from '../virsh/guests.ts';
import type { Session } from '../virsh/session.ts';
import { type Assessment, assessGuest, assessStanding, type Standing } from './assess.ts';
import { type GuestFacts, readGuestDetails, readGuestFacts } from './guest-facts.ts';
import { keptNames, standingConversion } from './past-conversions.ts';
import type { HostContext } from './run-context.ts';

/** What the admin asked for, for every guest alike. */
export interface ConversionOptions {
  readonly buses: ReadonlySet<EmulatedBus>;
  readonly rename: boolean;
  readonly requiredEvidence: 'proven' | 'likely';
  /** `--assume-driver`. */
  readonly vouched: boolean;
  readonly accepted: ReadonlySet<RefusalCode>;
  readonly reason: string | undefined;
  readonly ownUuid: string | undefined;
}

/** What would become of one guest, and on what grounds. Nothing is changed by planning. */
export interface GuestPlan {
  readonly facts: GuestFacts;
  readonly standing: Standing;
  readonly verdict: 'refused' | 'planned' | 'nothing-to-do';
  /** Undefined where there is nothing to do. */
  readonly assessment: Assessment | undefined;
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly Warning[];
  readonly evidence: readonly Evidence[];
  /** The refusals that the admin took on. */
  readonly accepted: readonly RefusalCode[];
  /** The conversion that still waits for its final names, or for a restart. */
  readonly earlier: ChangeRecord | undefined;
}

/**
 * Read a guest, work out its new definition, and gather all that speaks for and against it.
 * @param secrets whether the definition is going to be defined, so that it must be read with its passwords.
 */
export async function planGuest(
  context: HostContext,
  guest: GuestId,
  options: ConversionOptions,
  { secrets }: { secrets: boolean },
): Promise<GuestPlan> {
  const { session, places, report } = context;
  report({ guest: guest.name, step: 'read' });
  const [facts, records] = await Promise.all([
    readGuestFacts(session, guest, { secrets }),
    readGuestRecords(places.backups, guest.uuid),
  ]);
  const standing = assessStanding(facts, options.buses);
  const earlier = standingConversion(records);
  const keptBefore = keptNames(records);
  const idle = { facts, standing, refusals: [], warnings: [], evidence: [], accepted: [], earlier };
  if (standing !== 'emulated' && keptBefore.size === 0)
    return { ...idle, verdict: 'nothing-to-do', assessment: undefined };

  const details = await readGuestDetails(session, facts);
  const assessment = assessGuest(facts, details, { ...options, keptBefore });
  const { rewrite } = assessment;
  if (rewrite.changes.length === 0 && rewrite.refusals.length === 0)
    return { ...idle, verdict: 'nothing-to-do', assessment: undefined };

  const placement = await placementRefusals(session, assessment);
  const leavesBus = standing === 'emulated';
  const guestSide = leavesBus ? await proveDriver(context, facts, records, options) : NOTHING_TO_PROVE;
  const all = [...assessment.refusals, ...placement, ...guestSide.refusals];
  const acceptedRefusals = all.filter(({ code }) => options.accepted.has(code) && isAcceptable(code));
  const refusals = all.filter((refusal) => !acceptedRefusals.includes(refusal));
  return {
    facts,
    standing,
    verdict: refusals.length > 0 ? 'refused' : 'planned',
    assessment,
    refusals,
    warnings: [...assessment.warnings, ...guestSide.warnings, ...acceptedRefusals.map(acceptedWarning)],
    evidence: guestSide.evidence,
    accepted: [...acceptedRefusals.map(({ code }) => code), ...guestSide.overridden],
    earlier,
  };
}

interface GuestSide {
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly Warning[];
  readonly evidence: readonly Evidence[];
  /** Refusals that `--assume-driver` stood in for. */
  readonly overridden: readonly RefusalCode[];
}

/** A disk that only gets its final name is on virtio already. */
const NOTHING_TO_PROVE: GuestSide = { refusals: [], warnings: [], evidence: [], overridden: [] };

async function proveDriver(
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
  const unvouched = weighEvidence(evidence, options.requiredEvidence);
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

function acceptedWarning({ code, message, disk }: Refusal): Warning {
  const warning = { code: 'accepted' as const, message: `Taken on by the admin (${code}): ${message}` };
  return disk === undefined ? warning : { ...warning, disk };
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

async function withPrivateFile<T>(content: string, use: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'virtioize-plan-'));
  try {
    const file = join(folder, 'domain.xml');
    await writeFile(file, content, { mode: 0o600 });
    return await use(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The unified diff of what is planned, for people. */
export function planDiff({ facts, assessment }: GuestPlan): string {
  const after = assessment?.rewrite.definition;
  return after === undefined ? '' : showDiff(facts.definition, after);
}
