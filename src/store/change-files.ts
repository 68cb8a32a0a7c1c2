import { basename, dirname, join } from 'node:path';
import { VirtioizeError } from '../error.ts';
import { makeFilledFolder, readIfPresent, removeFolder, replaceDurably } from './durable-file.ts';
import { type ChangeRecord, recordSchema } from './record.ts';

/** The files of one change. */
export interface ChangeFiles {
  readonly folder: string;
  /** The definition as it was, to the letter. */
  readonly before: string;
  /** The definition that is asked for; once the change is done, as libvirt prints it, unless it was edited by then. */
  readonly after: string;
  /** The definition that a guest gets which does not come up, where that is not the one before. */
  readonly undo: string;
  readonly nvram: string;
  readonly record: string;
}

export function changeFiles(backups: string, guestUuid: string, id: string): ChangeFiles {
  const folder = join(backups, guestUuid, id);
  return {
    folder,
    before: join(folder, 'before.xml'),
    after: join(folder, 'after.xml'),
    undo: join(folder, 'undo.xml'),
    nvram: join(folder, 'nvram.fd'),
    record: join(folder, 'record.json'),
  };
}

/** What a change begins with, beside its record. */
export interface Backup {
  readonly before: string;
  readonly after: string;
  readonly undo?: string | undefined;
  readonly nvram?: Buffer | undefined;
}

/**
 * Keep what a change begins with: all of it, or nothing.
 * @throws VirtioizeError `state-unwritable`
 */
export async function writeBackup(files: ChangeFiles, backup: Backup, record: ChangeRecord): Promise<void> {
  const { before, after, undo, nvram } = backup;
  await makeFilledFolder(files.folder, draftOf(files), {
    [basename(files.before)]: before,
    [basename(files.after)]: after,
    [basename(files.record)]: recordText(record),
    ...(undo === undefined ? {} : { [basename(files.undo)]: undo }),
    ...(nvram === undefined ? {} : { [basename(files.nvram)]: nvram }),
  });
}

/** Remove what there is of a backup that was interrupted. */
export async function removeBackup(files: ChangeFiles): Promise<void> {
  for (const folder of [draftOf(files), files.folder]) await removeFolder(folder);
}

function draftOf({ folder }: ChangeFiles): string {
  return join(dirname(folder), `${HIDDEN}draft-${basename(folder)}`);
}

function recordText(record: ChangeRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

/**
 * @param after replaces `after.xml` as well.
 * @throws VirtioizeError `state-unwritable`
 */
export async function writeRecord(
  files: ChangeFiles,
  record: ChangeRecord,
  { after }: { readonly after?: string | undefined } = {},
): Promise<void> {
  await replaceDurably(files.folder, {
    ...(after === undefined ? {} : { [basename(files.after)]: after }),
    [basename(files.record)]: recordText(record),
  });
}

/**
 * The record in a folder, or undefined where none was written.
 * @throws VirtioizeError `record-unreadable`
 */
export async function readRecord(files: ChangeFiles): Promise<ChangeRecord | undefined> {
  const text = await readIfPresent(files.record);
  if (text === undefined) return undefined;
  const parsed = recordSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new VirtioizeError('record-unreadable', `${files.record} is damaged, or of another version of virtioize.`, {
    hint: `The definitions beside it are plain: virsh define ${files.before} brings the old one back.`,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Folders that are not wholly there, or not any more. */
export const HIDDEN = '.';
