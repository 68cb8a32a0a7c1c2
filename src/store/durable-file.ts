import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fdatasync,
  fstatSync,
  fsync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { systemErrorCode, VirtioizeError } from '../error.ts';
import { doTogether } from './do-together.ts';

const sync = promisify(fsync);
const syncData = promisify(fdatasync);

/**
 * Replace a file in one step, 0600, and have it on the disk (its name included) when this resolves.
 * @throws VirtioizeError `state-unwritable`
 */
export async function writeDurably(path: string, content: string | Buffer): Promise<void> {
  await replaceDurably(dirname(path), { [basename(path)]: content });
}

/**
 * The same for several files of one folder, each by itself.
 * @param files contents by name.
 * @throws VirtioizeError `state-unwritable`
 */
export async function replaceDurably(folder: string, files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  const replaceAll = Object.entries(files).map(([name, content]) => {
    const path = join(folder, name);
    return guardWrite(path, () => replaceFile(path, content));
  });
  await settled(replaceAll);
  await guardWrite(folder, () => syncFolder(folder));
}

/** Wait for all of them, also where one fails, so that nothing is written any more afterwards. */
async function settled(all: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(all)).find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/**
 * Replace a file in one step, 0600; where the power fails, it may be the one before that is there, or nothing of it.
 * @throws VirtioizeError `state-unwritable`
 */
export async function writeWhole(path: string, content: string): Promise<void> {
  await guardWrite(path, () => replaceFile(path, content, { flush: false }));
}

/**
 * Append one line to a file and have it on the disk when this resolves; lines that come while others are being written
 * go there together. A line that an earlier crash left half-written is closed first, so that the new ones stand by themselves.
 * @throws VirtioizeError `state-unwritable`; the line may then be in the file or not.
 */
export const appendLineDurably: (path: string, line: string) => Promise<void> = doTogether(writeLines);

async function writeLines(path: string, lines: readonly string[]): Promise<void> {
  await guardWrite(path, async () => {
    const file = openSync(path, 'a+', 0o600);
    try {
      const { size } = fstatSync(file);
      writeFileSync(file, `${isTorn(file, size) ? '\n' : ''}${lines.join('\n')}\n`);
      await syncData(file);
      if (size === 0) await syncFolder(dirname(path));
    } finally {
      closeSync(file);
    }
  });
}

function isTorn(file: number, size: number): boolean {
  const last = Buffer.alloc(1);
  return size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last.toString() !== '\n';
}

/**
 * Make a folder (0700) with files (0600), all at once: it has its name only once all that is in it is on the disk.
 * @param draft what it is called until then, in the same folder.
 * @param files contents by name.
 * @throws VirtioizeError `state-unwritable`
 */
export async function makeFilledFolder(
  path: string,
  draft: string,
  files: Readonly<Record<string, string | Buffer>>,
): Promise<void> {
  await guardWrite(path, async () => {
    await makeFolder(dirname(path));
    mkdirSync(draft, { mode: 0o700 });
    await settled(Object.entries(files).map(([name, content]) => writeNew(join(draft, name), content)));
    await syncFolder(draft);
    renameSync(draft, path);
    await syncFolder(dirname(path));
  });
}

async function replaceFile(path: string, content: string | Buffer, { flush } = { flush: true }): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`; // a killed run may have left one
  try {
    await writeNew(draft, content, { flush });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/**
 * Only what waits for the disk is left to another thread: the rest takes less time than to hand it over.
 */
async function writeNew(path: string, content: string | Buffer, { flush } = { flush: true }): Promise<void> {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(file, content);
    if (flush) await sync(file);
  } finally {
    closeSync(file);
  }
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

const beingMade = new Map<string, Promise<void>>();

/** A folder that somebody else makes at the same time is waited for, and so is one that this one is made in. */
async function makeFolder(path: string): Promise<void> {
  const made = beingMade.get(path) ?? makeLevels(path).finally(() => beingMade.delete(path));
  beingMade.set(path, made);
  await made;
}

/** One level at a time: Node's recursive mkdir hides why a file system refuses. */
async function makeLevels(path: string, parentIsThere = false): Promise<void> {
  try {
    mkdirSync(path, { mode: 0o700 });
    await syncFolder(dirname(path));
    await beingMade.get(dirname(path));
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'EEXIST' && statSync(path).isDirectory()) return;
    if (code !== 'ENOENT' || parentIsThere) throw error; // as /proc says where nothing can be made
    await makeFolder(dirname(path));
    await makeLevels(path, true);
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
    return isAbsent(path) ? undefined : await readFile(path, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw new VirtioizeError('record-unreadable', `Could not read ${path}: ${String(error)}.`, { cause: error });
  }
}

/** Whether there is nothing of this name: asked before reading, for a guest that was never touched has nothing to read. */
export function isAbsent(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) === undefined;
}

/** Have on the disk what names a folder holds; one time does for all who ask while an earlier one is under way. */
const syncFolders = doTogether<undefined>(async (path) => {
  const folder = openSync(path, 'r');
  try {
    await sync(folder);
  } finally {
    closeSync(folder);
  }
});

async function syncFolder(path: string): Promise<void> {
  await syncFolders(path, undefined);
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
