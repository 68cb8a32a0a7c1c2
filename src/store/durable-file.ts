import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { systemErrorCode, VirtioizeError } from '../error.ts';

/**
 * Replace a file in one step, 0600, and have it on the disk (its name included) when this resolves.
 * @throws VirtioizeError `state-unwritable`
 */
export async function writeDurably(path: string, content: string | Buffer): Promise<void> {
  await guardWrite(path, async () => {
    await writeFileAtomic(path, content, { mode: 0o600, fsync: true });
    await syncFolder(dirname(path));
  });
}

/**
 * Append one line to a file and have it on the disk when this resolves. A line that an earlier crash left half-written
 * is closed first, so that the new one stands by itself.
 * @throws VirtioizeError `state-unwritable`
 */
export async function appendLineDurably(path: string, line: string): Promise<void> {
  await guardWrite(path, async () => {
    const file = await open(path, 'a+', 0o600);
    try {
      const { size } = await file.stat();
      const last = Buffer.alloc(1);
      if (size > 0) await file.read(last, 0, 1, size - 1);
      const torn = size > 0 && last.toString() !== '\n';
      await file.appendFile(`${torn ? '\n' : ''}${line}\n`);
      await file.datasync();
      if (size === 0) await syncFolder(dirname(path));
    } finally {
      await file.close();
    }
  });
}

/**
 * Make a folder (0700) and its parents, and have them on the disk.
 * @throws VirtioizeError `state-unwritable`
 */
export async function makeFolderDurably(path: string): Promise<void> {
  await guardWrite(path, async () => {
    await makeFolder(path);
  });
}

/** One level at a time: Node's recursive mkdir hides why a file system refuses. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
    await syncFolder(dirname(path));
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await makeFolder(path);
  }
}

/**
 * Give a file or folder another name in its folder, and have that on the disk when this resolves.
 * @throws VirtioizeError `state-unwritable`
 */
export async function renameDurably(from: string, to: string): Promise<void> {
  await guardWrite(from, async () => {
    await rename(from, to);
    await syncFolder(dirname(to));
  });
}

/**
 * Remove a folder with all that is in it; none there is none to remove.
 * @throws VirtioizeError `state-unwritable`
 */
export async function removeFolder(path: string): Promise<void> {
  await guardWrite(path, () => rm(path, { recursive: true, force: true }));
}

/** A file's text, or undefined where there is none. */
export async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw new VirtioizeError('record-unreadable', `Could not read ${path}: ${String(error)}.`, { cause: error });
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function guardWrite(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    throw new VirtioizeError('state-unwritable', `Could not write ${path}: ${WHY[code] ?? code}.`, {
      hint: 'Free or mount the state directory, or name another one with --state-dir.',
      cause: error,
    });
  }
}

const WHY: Readonly<Record<string, string>> = {
  ENOSPC: 'the file system is full',
  EDQUOT: 'the quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOTDIR: 'a part of the path is no folder',
  ENOENT: 'a part of the path does not exist',
};
