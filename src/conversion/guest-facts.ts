import { readDisks } from '../domain/disk.ts';
import { parseDefinition } from '../domain/xml.ts';
import { dumpDefinition, dumpLiveDefinition, dumpSavedDefinition } from '../virsh/definitions.ts';
import {
  type GuestId,
  hasBlockJob,
  isActive,
  readGuestInfo,
  readJob,
  readSnapshots,
  type Snapshots,
} from '../virsh/guests.ts';
import type { Session } from '../virsh/session.ts';

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

export async function readGuestFacts(
  session: Session,
  guest: GuestId,
  options: { secrets: boolean },
): Promise<GuestFacts> {
  const stored = await readStoredFacts(session, guest, options);
  return { ...stored, ...(await readInstanceFacts(session, stored)) };
}

export async function readStoredFacts(
  session: Session,
  guest: GuestId,
  { secrets }: { secrets: boolean },
): Promise<StoredFacts> {
  const [info, definition] = await Promise.all([
    readGuestInfo(session, guest),
    dumpDefinition(session, guest, { secrets }),
  ]);
  return { ...guest, ...info, active: isActive(info.state), definition };
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

export async function readGuestDetails(session: Session, facts: GuestFacts): Promise<GuestDetails> {
  const targets =
    facts.live === undefined ? [] : readDisks(parseDefinition(facts.live)).filter(({ device }) => device === 'disk');
  const [snapshots, job, blockJobs] = await Promise.all([
    readSnapshots(session, facts),
    facts.active ? readJob(session, facts) : undefined,
    Promise.all(targets.map(async ({ target }) => ((await hasBlockJob(session, facts, target)) ? [target] : []))),
  ]);
  return { ...snapshots, job, blockJobs: blockJobs.flat() };
}
