import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { VirtioizeError } from '../error.ts';
import { makeFolderDurably, readIfPresent, writeDurably } from './durable-file.ts';

const guest = z.object({ name: z.string(), uuid: z.string() });

const rehearsal = z.object({
  kind: z.literal('rehearsal'),
  /** The clone as libvirt knows it. */
  clone: guest,
  /** The folder with its overlays. */
  scratch: z.string(),
  /** How the guest's images were before libvirt gave them to QEMU's user. */
  images: z.array(
    z.object({
      path: z.string(),
      /** The number of its inode: a file that takes its place is not given its owner. */
      inode: z.number(),
      uid: z.number(),
      gid: z.number(),
      mode: z.number(),
      /** The SELinux context, where there is one. */
      context: z.string().optional(),
    }),
  ),
});

const probe = z.object({
  kind: z.literal('probe'),
  /** The target name of the disk that was plugged in. */
  target: z.string(),
  file: z.string(),
});

const temporarySchema = z.discriminatedUnion('kind', [rehearsal, probe]);

/** What a run has put on the host for a while, and has to take away again. */
export type Temporary = z.infer<typeof temporarySchema>;
export type RehearsalRecord = z.infer<typeof rehearsal>;
export type ProbeRecord = z.infer<typeof probe>;

/**
 * Write down what is about to be put on the host, before it is.
 * @param folder the host's, of all such records.
 * @throws VirtioizeError `state-unwritable`
 */
export async function writeTemporary(folder: string, id: string, temporary: Temporary): Promise<void> {
  await makeFolderDurably(folder);
  await writeDurably(fileOf(folder, id), `${JSON.stringify(temporary, null, 2)}\n`);
}

/**
 * What an earlier run put on the host; undefined where it was killed before it put anything there.
 * @throws VirtioizeError `record-unreadable`
 */
export async function readTemporary(folder: string, id: string): Promise<Temporary | undefined> {
  const path = fileOf(folder, id);
  const text = await readIfPresent(path);
  if (text === undefined) return undefined;
  try {
    return temporarySchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new VirtioizeError('record-unreadable', `${path} is damaged, or of another version of virtioize.`, {
      hint: "It names what an interrupted run left on the host: a guest 'virtioize-rehearsal-...' (virsh destroy), overlays, or a disk of 64 MiB.",
      cause,
    });
  }
}

/** With what a kill may have left of writing it. */
export async function removeTemporary(folder: string, id: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  await Promise.all(names.filter((name) => name.startsWith(id)).map((name) => rm(join(folder, name), { force: true })));
}

function fileOf(folder: string, id: string): string {
  return join(folder, `${id}.json`);
}
