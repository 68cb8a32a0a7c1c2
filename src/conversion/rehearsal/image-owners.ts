import { chmod, chown, stat } from 'node:fs/promises';
import { execa } from 'execa';
import { systemErrorCode } from '../../error.ts';
import type { RehearsalRecord } from '../../store/temporary.ts';

type ImageOwner = RehearsalRecord['images'][number];

const TIMEOUT_MS = 30_000;

/** Whose images are, and how SELinux labels them: libvirt gives those below an overlay to QEMU's user, and leaves them there. */
export async function readOwners(paths: readonly string[]): Promise<ImageOwner[]> {
  return Promise.all(paths.map(readOwner));
}

async function readOwner(path: string): Promise<ImageOwner> {
  const { uid, gid, mode, ino } = await stat(path);
  const context = await readContext(path);
  return { path, inode: ino, uid, gid, mode: mode & 0o7777, ...(context === undefined ? {} : { context }) };
}

/**
 * Put owner, mode and label back where they are others by now. Doing it twice does no harm.
 * @returns what could not be put back, for people.
 */
export async function restoreOwners(owners: readonly ImageOwner[]): Promise<string[]> {
  const problems: string[] = [];
  for (const owner of owners) {
    try {
      await restoreOwner(owner);
    } catch (error) {
      const code = systemErrorCode(error);
      if (code === 'ENOENT') continue; // somebody has removed it: nothing is left to put back
      problems.push(`${owner.path} (${code ?? (error as Error).message})`);
    }
  }
  return problems;
}

async function restoreOwner({ path, inode, uid, gid, mode, context }: ImageOwner): Promise<void> {
  const now = await stat(path);
  if (now.ino !== inode) return; // somebody has put another file in its place
  if (now.uid !== uid || now.gid !== gid) await chown(path, uid, gid);
  if (((await stat(path)).mode & 0o7777) !== mode) await chmod(path, mode);
  if (context === undefined || (await readContext(path)) === context) return;
  const { failed, stderr } = await execa('chcon', ['--', context, path], OPTIONS);
  if (failed) throw new Error(stderr.trim());
}

/** By stat(1), for Node knows no labels; `?` is none. */
async function readContext(path: string): Promise<string | undefined> {
  const { failed, stdout } = await execa('stat', ['--dereference', '--format=%C', '--', path], OPTIONS);
  return failed || stdout === '?' || stdout === '' ? undefined : stdout;
}

const OPTIONS = { stdin: 'ignore', reject: false, timeout: TIMEOUT_MS, env: { LC_ALL: 'C' } } as const;
