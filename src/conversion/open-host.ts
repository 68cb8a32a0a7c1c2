import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { isVirtioizeError } from '../error.ts';
import { makeFolderDurably } from '../store/durable-file.ts';
import { hostKey, ownHostKey } from '../store/host-key.ts';
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
  const { uri, report, command, version, interrupted } = options;
  void knowsIgnoreSignal(); // asked meanwhile
  const { session, host, places } = (await openLikelyHost(options)) ?? (await openNamedHost(options));
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

interface OpenHost {
  readonly session: Session;
  readonly host: string;
  readonly places: HostPlaces;
}

/** The lock lies under a name that libvirt tells: it is asked in a session before. */
async function openNamedHost(options: ChangeOptions): Promise<OpenHost> {
  const host = await withHost(options, (context) => Promise.resolve(context.host));
  const places = hostPlaces(options.stateDir, host);
  return { session: await openLocked(options, places), host, places };
}

/**
 * That session is spared where this very machine is meant, and its name is known or likely. Undefined where it is not, or
 * where libvirt has another name for it, under which the lock may be free.
 */
async function openLikelyHost(options: ChangeOptions): Promise<OpenHost | undefined> {
  const likely = isLocal(options.uri) ? await ownHostKey() : undefined;
  if (likely === undefined) return undefined;
  const { key: host, isCertain } = likely;
  const places = hostPlaces(options.stateDir, host);
  if (!isCertain && !existsSync(places.lock)) return undefined;
  let session: Session | undefined;
  try {
    session = await openLocked(options, places);
    if ((await readHostKey(session)) === host) return { session, host, places };
  } catch (error) {
    await session?.close();
    if (isVirtioizeError(error, 'locked') && !isCertain) return undefined;
    throw error;
  }
  await session.close();
  return undefined;
}

async function openLocked({ uri, stateDir }: ChangeOptions, { folder, lock }: HostPlaces): Promise<Session> {
  await makeFolderDurably(folder);
  await requireOwnFolder(folder, stateDir);
  await prepareLockFile(lock);
  try {
    return await openSession({ uri, lockFile: lock });
  } catch (error) {
    throw isVirtioizeError(error, 'locked') ? await lockedError(lock) : error;
  }
}

function readHostKey(session: Session): Promise<string> {
  return hostKey(isLocal(session.uri), () => readHostUuid(session));
}

function describeUser(): string {
  const { username } = userInfo();
  const sudoUser = process.env.SUDO_USER;
  return sudoUser === undefined || sudoUser === username ? username : `${sudoUser} (as ${username})`;
}
