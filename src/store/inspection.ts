import { join } from 'node:path';
import { makeFolderDurably, readIfPresent, writeDurably } from './durable-file.ts';

/** What came of looking into a guest's disks, with what they were then. */
export interface StoredInspection {
  /** Equal as long as neither the disks nor what else decides have changed. */
  readonly key: string;
  /** As its reader wrote it. */
  readonly judgement: unknown;
}

/** @throws VirtioizeError `state-unwritable` */
export async function storeInspection(folder: string, guestUuid: string, inspection: StoredInspection): Promise<void> {
  await makeFolderDurably(folder);
  await writeDurably(fileOf(folder, guestUuid), `${JSON.stringify(inspection)}\n`);
}

/** What was kept about a guest under a key; undefined where there is nothing that can be read. */
export async function readInspection(folder: string, guestUuid: string, key: string): Promise<unknown> {
  const text = await readIfPresent(fileOf(folder, guestUuid)).catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const stored = JSON.parse(text) as Partial<StoredInspection> | null;
    return stored?.key === key ? stored.judgement : undefined;
  } catch {
    return undefined;
  }
}

function fileOf(folder: string, guestUuid: string): string {
  return join(folder, `${guestUuid}.inspection.json`);
}
