import { disksOf } from '../domain/disk.ts';
import { readChannelState } from '../preflight/agent/agent-abilities.ts';
import { dumpLiveDefinition, dumpSavedDefinition } from '../virsh/definitions.ts';
import {
  type GuestId,
  type GuestInfo,
  hasBlockJob,
  isActive,
  readGuestInfo,
  readJob,
  readSnapshots,
  type Snapshots,
  waitUntilTakenUp,
} from '../virsh/guests.ts';
import type { Session } from '../virsh/session.ts';
import type { HostContext } from './run-context.ts';

/** What libvirt tells of a guest, read at one time. */
export interface GuestFacts extends GuestId {
  readonly state: string;
  readonly active: boolean;
  readonly persistent: boolean;
  readonly managedSave: boolean;
  /** The persistent definition; without passwords unless they were asked for. */
  readonly definition: string;
  /** The running instance's definition. */
  readonly live: string | undefined;
  /** The definition that a managed save would resume. */
  readonly saved: string | undefined;
}

/** What only matters where there is something to convert. */
export interface GuestDetails extends Snapshots {
  readonly job: string | undefined;
  /** Disks of the running instance that a block job works on. */
  readonly blockJobs: readonly string[];
}

/** What is known of a guest without a look at its running or saved instance. */
export type StoredFacts = Omit<GuestFacts, 'live' | 'saved'>;

/** Whom to ask about a guest. */
type Source = Pick<HostContext, 'session' | 'survey'>;

export async function readGuestFacts(
  source: Source,
  guest: GuestId,
  options: { secrets: boolean },
): Promise<GuestFacts> {
  return withInstance(source.session, await readStoredFacts(source, guest, options));
}

export function readStoredFacts(source: Source, guest: GuestId, options: { secrets: boolean }): Promise<StoredFacts> {
  const reads = [readInfo(source, guest), source.survey.definition(guest, options)] as const;
  return Promise.all(reads).then(([info, definition]) => storedFacts(guest, info, definition));
}

function storedFacts(
  { name, uuid }: GuestId,
  { state, persistent, managedSave }: GuestInfo,
  definition: string,
): StoredFacts {
  return { name, uuid, state, active: isActive(state), persistent, managedSave, definition };
}

async function readInfo({ session, survey }: Source, guest: GuestId): Promise<GuestInfo> {
  if (await survey.isPlainlyOff(guest)) return { state: 'shut off', persistent: true, managedSave: false };
  return readGuestInfo(session, guest);
}

async function withInstance(session: Session, stored: StoredFacts): Promise<GuestFacts> {
  return { ...stored, ...(await readInstanceFacts(session, stored)) };
}

/** The definition of the running instance, or of the one that would be resumed. */
export async function readInstanceFacts(
  session: Session,
  guest: StoredFacts,
): Promise<Pick<GuestFacts, 'live' | 'saved'>> {
  const { active, managedSave } = guest;
  return {
    live: active ? await dumpLiveDefinition(session, guest) : undefined,
    saved: managedSave && !active ? await dumpSavedDefinition(session, guest) : undefined,
  };
}

/**
 * The guest's facts, with its agent's channel as it is now. A libvirt daemon that has just started tells for a moment
 * what a running guest was like before.
 */
export async function withAgentSeen(session: Session, facts: GuestFacts): Promise<GuestFacts> {
  if (facts.live === undefined || readChannelState(facts.live) !== 'disconnected') return facts;
  await waitUntilTakenUp(session, facts);
  return withInstance(session, facts);
}

export async function readGuestDetails({ session, survey }: Source, facts: GuestFacts): Promise<GuestDetails> {
  if (await survey.hasNoPast(facts))
    return { internal: [], external: [], checkpoints: [], job: undefined, blockJobs: [] };
  const targets = facts.live === undefined ? [] : disksOf(facts.live).filter(({ device }) => device === 'disk');
  const [snapshots, job, blockJobs] = await Promise.all([
    readSnapshots(session, facts),
    facts.active ? readJob(session, facts) : undefined,
    Promise.all(targets.map(async ({ target }) => ((await hasBlockJob(session, facts, target)) ? [target] : []))),
  ]);
  return { ...snapshots, job, blockJobs: blockJobs.flat() };
}
