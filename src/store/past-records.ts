import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemErrorCode, VirtioizeError } from '../error.ts';
import { type ChangeFiles, changeFiles, HIDDEN, readRecord } from './change-files.ts';
import { isAbsent, removeFolder, renameDurably } from './durable-file.ts';
import type { ChangeRecord } from './record.ts';

/** The readable records of one guest, oldest first. Their ids begin with the time, so names sort. */
export async function readGuestRecords(backups: string, guestUuid: string): Promise<ChangeRecord[]> {
  const ids = (await listFolder(join(backups, guestUuid))).filter((name) => !isHidden(name)).sort();
  const records = await Promise.all(ids.map((id) => readRecord(changeFiles(backups, guestUuid, id))));
  return records.filter((record) => record !== undefined);
}

/** The UUIDs of all guests that have a record. */
export async function listRecordedGuests(backups: string): Promise<string[]> {
  return listFolder(backups);
}

/**
 * Remove all that is kept about a change. It is gone as soon as its folder has another name; what a kill leaves of that
 * is seen by no reader, and `sweepRemoved` finishes it.
 * @throws VirtioizeError `state-unwritable`
 */
export async function removeChange({ folder }: Pick<ChangeFiles, 'folder'>): Promise<void> {
  const removed = join(dirname(folder), `${HIDDEN}removed-${basename(folder)}`);
  await renameDurably(folder, removed);
  await removeFolder(removed);
}

/**
 * Finish the removals that were interrupted.
 * @throws VirtioizeError `state-unwritable`
 */
export async function sweepRemoved(backups: string, guestUuid: string): Promise<void> {
  const folder = join(backups, guestUuid);
  for (const name of (await listFolder(folder)).filter(isHidden)) await removeFolder(join(folder, name));
}

function isHidden(name: string): boolean {
  return name.startsWith(HIDDEN);
}

/**
 * The names in a folder; none where it is not there.
 * @throws VirtioizeError `record-unreadable`
 */
export async function listFolder(path: string): Promise<string[]> {
  try {
    return isAbsent(path) ? [] : await readdir(path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw new VirtioizeError('record-unreadable', `Could not read ${path}: ${String(error)}.`, { cause: error });
  }
}
