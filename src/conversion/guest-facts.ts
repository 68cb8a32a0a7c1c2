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

export async function readGuestFacts(
  session: Session,
  guest: GuestId,
  { secrets }: { secrets: boolean },
): Promise<GuestFacts> {
  const [info, definition] = await Promise.all([
    readGuestInfo(session, guest),
    dumpDefinition(session, guest, { secrets }),
  ]);
  const active = isActive(info.state);
  const live = active ? await dumpLiveDefinition(session, guest) : undefined;
  const saved = info.managedSave && !active ? await dumpSavedDefinition(session, guest) : undefined;
  return { ...guest, ...info, active, definition, live, saved };
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
