import { closeSync, openSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { systemErrorCode, VirtioizeError } from '../error.ts';
import { writeDurably } from './durable-file.ts';

/** Who holds the lock of a host, as that process wrote it down. */
export interface LockHolder {
  readonly pid: number;
  readonly by: string;
  readonly command: string;
  readonly since: string;
}

/**
 * Make sure that the lock file exists. The lock itself is taken by the virsh session (`flock`), which frees it when its
 * last process ends; the file's content only tells who that is.
 * @throws VirtioizeError `state-unwritable`
 */
export async function prepareLockFile(path: string): Promise<void> {
  try {
    closeSync(openSync(path, 'a', 0o600));
  } catch {
    await writeDurably(path, ''); // for its error
  }
}

/**
 * Write down who has the lock; to be called by the one who has it. Where that can't be written, the lock holds all the
 * same, and the first thing that must be written tells of it.
 */
export async function signLock(path: string, holder: LockHolder): Promise<void> {
  await writeFile(path, `${JSON.stringify(holder)}\n`).catch((error: unknown) => {
    if (systemErrorCode(error) === undefined) throw error;
  });
}

/** The error for a lock that another run has, naming it where it signed. */
export async function lockedError(path: string): Promise<VirtioizeError> {
  const holder = parseHolder(await readFile(path, 'utf8').catch(() => ''));
  const hint = 'Wait until it is done, then try again.';
  if (holder === undefined)
    return new VirtioizeError('locked', 'Another run of virtioize is changing this host.', { hint });
  const { pid, by, command, since } = holder;
  const gone = isAlive(pid) ? '' : ' That process is gone; its virsh still finishes what it was told.';
  return new VirtioizeError(
    'locked',
    `Another run of virtioize is changing this host: '${command}' by ${by}, process ${pid}, since ${since}.${gone}`,
    { hint, details: { pid } },
  );
}

function parseHolder(text: string): LockHolder | undefined {
  try {
    return JSON.parse(text) as LockHolder;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) === 'EPERM';
  }
}

/**
 * Whether some process holds the lock now, without touching it. The kernel lists every lock by device and inode
 * (proc(5), /proc/locks).
 */
export async function isLockHeld(path: string): Promise<boolean> {
  const file = await stat(path).catch(() => undefined);
  if (file === undefined) return false;
  const locks = await readFile('/proc/locks', 'utf8').catch(() => '');
  return locks.split('\n').some((line) => line.includes('FLOCK') && line.includes(`:${file.ino} `));
}
