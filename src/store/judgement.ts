import { join } from 'node:path';
import { makeFolderDurably, readIfPresent, writeDurably } from './durable-file.ts';

/** How a judgement was come to: by looking into a guest's disks, or by booting a clone. */
type Kept = 'inspection' | 'rehearsal';

/** What came of looking into a guest's disks, or of booting from them, with what they were then. */
export interface StoredJudgement {
  /** Equal as long as neither the disks nor what else decides have changed. */
  readonly key: string;
  /** As its reader wrote it. */
  readonly judgement: unknown;
}

export interface KeptOf {
  /** The guest's UUID. */
  readonly guest: string;
  readonly kept: Kept;
}

/** @throws VirtioizeError `state-unwritable` */
export async function storeJudgement(folder: string, { guest, kept }: KeptOf, stored: StoredJudgement): Promise<void> {
  await makeFolderDurably(folder);
  await writeDurably(fileOf(folder, { guest, kept }), `${JSON.stringify(stored)}\n`);
}

/** What was kept about a guest; undefined where there is nothing that can be read. */
export async function readJudgement(folder: string, of: KeptOf): Promise<StoredJudgement | undefined> {
  const text = await readIfPresent(fileOf(folder, of)).catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const { key, judgement } = JSON.parse(text) as StoredJudgement;
    return { key, judgement };
  } catch {
    return undefined;
  }
}

function fileOf(folder: string, { guest, kept }: KeptOf): string {
  return join(folder, `${guest}.${kept}.json`);
}
