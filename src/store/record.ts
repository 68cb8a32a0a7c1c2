import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { systemErrorCode, VirtioizeError } from '../error.ts';
import {
  isAbsent,
  makeFilledFolder,
  readIfPresent,
  removeFolder,
  renameDurably,
  replaceDurably,
} from './durable-file.ts';

const diskName = z.object({ target: z.string(), bus: z.string() });

export const evidenceSchema = z.object({
  source: z.enum(['agent', 'offline', 'rehearsal', 'attached', 'attested']),
  verdict: z.enum(['proven', 'likely', 'unknown', 'refuted']),
  summary: z.string(),
  facts: z.record(z.string(), z.string()).readonly(),
  stale: z.boolean().optional(),
});

/** One piece of evidence, as it is kept. */
export type EvidenceEntry = Readonly<z.infer<typeof evidenceSchema>>;

const restartSchema = z.object({
  mode: z.enum(['graceful', 'force']),
  shutdownTimeoutMs: z.number(),
  bootTimeoutMs: z.number(),
  waitTcp: z.number().optional(),
  /** Whether a guest that does not come up is put back. */
  rollBack: z.boolean(),
  /** The host's boot in which the guest ran; absent where the host is another machine, whose boot can't be told. */
  bootId: z.string().optional(),
  /** libvirt's number of the running instance that was asked to go off. */
  instance: z.string(),
  /** The disks that move, as they are in the instance before and after, and what the system did with them. */
  disks: z
    .array(z.object({ before: diskName, after: diskName, written: z.boolean(), writesThrough: z.boolean() }))
    .readonly(),
  /** What the agent told: how many of these disks and of others it saw, and what is mounted from them at boot. */
  agent: z
    .object({
      disks: z.number(),
      others: z.record(z.string(), z.number()).readonly(),
      mountPoints: z.array(z.string()).readonly(),
    })
    .optional(),
});

/** How a guest is restarted within a change, and what there is to compare with. */
export type RestartRecord = Readonly<z.infer<typeof restartSchema>>;

const recordSchema = z.object({
  formatVersion: z.literal(1),
  id: z.string(),
  action: z.enum(['convert', 'rollback', 'adopt-live-source']),
  guest: z.object({ name: z.string(), uuid: z.string() }),
  host: z.string(),
  connection: z.string(),
  startedAt: z.string(),
  finishedAt: z.string().optional(),
  /**
   * `started`: see the journal; `done`: the guest got after.xml; `undone`: it has before.xml; `rolled-back`: it did not
   * come up with after.xml, and has undo.xml, or before.xml where there is none.
   */
  state: z.enum(['started', 'done', 'undone', 'rolled-back']),
  by: z.string(),
  versions: z.object({ virtioize: z.string(), libvirt: z.string() }),
  /** Whether the guest ran, so that the change takes effect at its next full power-off and start. */
  active: z.boolean(),
  changes: z
    .array(
      z.object({
        source: z.string(),
        from: diskName,
        to: diskName,
        dropped: z.array(z.string()).readonly(),
      }),
    )
    .readonly(),
  evidence: z.array(evidenceSchema).readonly(),
  /** The refusals that the admin took on. */
  accepted: z.array(z.string()).readonly(),
  reason: z.string().optional(),
  /** The conversion that this one gives its final names. */
  continues: z.string().optional(),
  /** The conversions that this rollback takes back; of a conversion: those that go with it where it is rolled back. */
  undoes: z.array(z.string()).optional(),
  /** Where the change goes with a restart. */
  restart: restartSchema.optional(),
  /** How the guest was seen to come up with its new definition. */
  cameUp: z.enum(['verified', 'unverified']).optional(),
  /** Where the guest's UEFI variables lay; a copy is in the folder. */
  nvram: z.string().optional(),
  /** The copy of UEFI variables that this rollback puts back, and where to. */
  restoresNvram: z.object({ copy: z.string(), path: z.string() }).optional(),
});

/** On which side a change ended: see the record's `state`. */
export type Side = 'done' | 'undone' | 'rolled-back';

/** What is kept about one change of a guest's definition. `before.xml` and `after.xml` lie beside it. */
export type ChangeRecord = z.infer<typeof recordSchema>;

/** The files of one change. */
export interface ChangeFiles {
  readonly folder: string;
  /** The definition as it was, to the letter. */
  readonly before: string;
  /** The definition that is asked for; once the change is done, as libvirt prints it. */
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

/** Folders that are not wholly there, or not any more. */
const HIDDEN = '.';

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
