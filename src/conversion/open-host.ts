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
import { type ChangeContext, type HostContext, isChangeContext, type StepEvent } from './run-context.ts';

export interface HostOptions {
  readonly uri: string;
  readonly stateDir: string;
  readonly report: (event: StepEvent) => void;
  /** virtioize's own version. */
  readonly version: string;
  readonly interrupted: AbortSignal;
  /** Called once virsh is started: it takes a while to connect. */
  readonly onStart: () => void;
  /** Aborted where nobody waits for it any more. */
  readonly abandoned: AbortSignal;
}

export interface ChangeOptions extends HostOptions {
  /** The command line, for the one who meets the lock. */
  readonly command: string;
}

/** A host that can be worked on until it is closed. */
export interface OpenHost<Context extends HostContext> {
  readonly context: Context;
  readonly close: () => Promise<void>;
}

/** Open a host for work that only reads. Nothing is written, and no lock is needed. */
export async function openHost(options: HostOptions): Promise<OpenHost<HostContext>> {
  const { uri, stateDir, onStart, abandoned } = options;
  const session = await openSession({ uri, onStart, abandoned });
  return finish(session, async () => {
    const host = await readHostKey(session);
    return { ...contextOf(options, session), host, places: hostPlaces(stateDir, host) };
  });
}

/**
 * Open a host for work that may change its guests, with the host's lock held by the virsh session itself.
 * @throws VirtioizeError `locked` naming the holder; `state-unwritable` where the state directory can't be used.
 */
export async function openLockedHost(options: ChangeOptions): Promise<OpenHost<ChangeContext>> {
  const { command, version } = options;
  const { session, host, places } = (await lockLikelyHost(options)) ?? (await lockNamedHost(options));
  return finish(session, async () => {
    const by = describeUser();
    const [libvirt] = await Promise.all([
      readVersions(session),
      signLock(places.lock, { pid: process.pid, by, command, since: new Date().toISOString() }),
    ]);
    const versions = { virtioize: version, libvirt };
    return { ...contextOf(options, session), host, places, by, versions, events: listenToEvents(session) };
  });
}

/** A session's last step to a host; where that fails, the session ends. */
async function finish<Context extends HostContext>(
  session: Session,
  makeContext: () => Promise<Context>,
): Promise<OpenHost<Context>> {
  try {
    const context = await makeContext();
    const close = async (): Promise<void> => {
      if (isChangeContext(context)) await context.events.close();
      await session.close();
    };
    return { context, close };
  } catch (error) {
    await session.close();
    throw error;
  }
}

function contextOf({ uri, report, version, interrupted }: HostOptions, session: Session) {
  return { session, survey: createSurvey(session), uri, report, version, interrupted };
}

interface LockedHost {
  readonly session: Session;
  readonly host: string;
  readonly places: HostPlaces;
}

/** The lock lies under a name that libvirt tells: it is asked in a session before. */
async function lockNamedHost(options: ChangeOptions): Promise<LockedHost> {
  const { context, close } = await openHost(options);
  await close();
  const { host, places } = context;
  return { session: await openLocked(options, places), host, places };
}

/**
 * That session is spared where this very machine is meant, and its name is known or likely. Undefined where it is not, or
 * where libvirt has another name for it, under which the lock may be free.
 */
async function lockLikelyHost(options: ChangeOptions): Promise<LockedHost | undefined> {
  const likely = isLocal(options.uri) ? ownHostKey() : undefined;
  if (likely === undefined) return undefined;
  const { key: host, isCertain } = likely;
  const places = hostPlaces(options.stateDir, host);
  if (!isCertain && !existsSync(places.lock)) return undefined;
  let session: Session | undefined;
  try {
    session = await openLocked(options, places);
    if (isCertain || (await readHostKey(session)) === host) return { session, host, places };
  } catch (error) {
    await session?.close();
    if (isVirtioizeError(error, 'locked') && !isCertain) return undefined;
    throw error;
  }
  await session.close();
  return undefined;
}

async function openLocked(options: ChangeOptions, { folder, lock }: HostPlaces): Promise<Session> {
  const { uri, stateDir, onStart, abandoned } = options;
  await makeFolderDurably(folder);
  requireOwnFolder(folder, stateDir);
  await prepareLockFile(lock);
  try {
    return await openSession({ uri, lockFile: lock, onStart, abandoned });
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
