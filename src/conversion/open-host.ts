import { userInfo } from 'node:os';
import { isVirtioizeError } from '../error.ts';
import { makeFolderDurably } from '../store/durable-file.ts';
import { hostKey } from '../store/host-key.ts';
import { lockedError, prepareLockFile, signLock } from '../store/lock.ts';
import { requireOwnFolder } from '../store/own-folder.ts';
import { type HostPlaces, hostPlaces } from '../store/state-dir.ts';
import { isLocal } from '../virsh/connection-uri.ts';
import { listenToEvents } from '../virsh/events.ts';
import { readHostUuid, readVersions } from '../virsh/host.ts';
import { openSession, type Session } from '../virsh/session.ts';
import { createSurvey } from '../virsh/survey.ts';
import { knowsIgnoreSignal } from '../virsh/virsh-process.ts';
import type { ChangeContext, HostContext, StepEvent } from './run-context.ts';

export interface HostOptions {
  readonly uri: string;
  readonly stateDir: string;
  readonly report: (event: StepEvent) => void;
  /** virtioize's own version. */
  readonly version: string;
  readonly interrupted: AbortSignal;
}

export interface ChangeOptions extends HostOptions {
  /** The command line, for the one who meets the lock. */
  readonly command: string;
}

/** Do read-only work on a host. Nothing is written, and no lock is needed. */
export async function withHost<T>(
  { uri, stateDir, report, version, interrupted }: HostOptions,
  work: (context: HostContext) => Promise<T>,
): Promise<T> {
  const session = await openSession({ uri });
  try {
    const host = await readHostKey(session);
    const survey = createSurvey(session);
    return await work({ session, survey, uri, host, places: hostPlaces(stateDir, host), report, version, interrupted });
  } finally {
    await session.close();
  }
}

/**
 * Do work that may change a host's guests, with the host's lock held by the virsh session itself.
 * @throws VirtioizeError `locked` naming the holder; `state-unwritable` where the state directory can't be used.
 */
export async function withLockedHost<T>(
  options: ChangeOptions,
  work: (context: ChangeContext) => Promise<T>,
): Promise<T> {
  const { uri, stateDir, report, command, version, interrupted } = options;
  void knowsIgnoreSignal(); // asked meanwhile
  const host = await withHost(options, (context) => Promise.resolve(context.host));
  const places = hostPlaces(stateDir, host);
  const session = await openLocked(uri, stateDir, places);
  const events = listenToEvents(session);
  try {
    const by = describeUser();
    await signLock(places.lock, { pid: process.pid, by, command, since: new Date().toISOString() });
    const versions = { virtioize: version, libvirt: await readVersions(session) };
    const survey = createSurvey(session);
    return await work({ session, survey, uri, host, places, report, version, by, versions, events, interrupted });
  } finally {
    await events.close();
    await session.close();
  }
}

async function openLocked(uri: string, stateDir: string, places: HostPlaces): Promise<Session> {
  await makeFolderDurably(places.folder);
  await requireOwnFolder(places.folder, stateDir);
  await prepareLockFile(places.lock);
  try {
    return await openSession({ uri, lockFile: places.lock });
  } catch (error) {
    throw isVirtioizeError(error, 'locked') ? await lockedError(places.lock) : error;
  }
}

async function readHostKey(session: Session): Promise<string> {
  return hostKey(await readHostUuid(session), isLocal(session.uri));
}

function describeUser(): string {
  const { username } = userInfo();
  const sudoUser = process.env.SUDO_USER;
  return sudoUser === undefined || sudoUser === username ? username : `${sudoUser} (as ${username})`;
}
