import { join } from 'node:path';
import * as z from 'zod';
import { makeFolderDurably, readIfPresent, writeWhole } from './durable-file.ts';
import { type EvidenceEntry, evidenceSchema } from './record.ts';

const storedSchema = z.object({ at: z.string(), evidence: z.array(evidenceSchema).readonly() });

/** What was last found out about a guest, and when. */
export type StoredEvidence = Readonly<z.infer<typeof storedSchema>>;

/** @throws VirtioizeError `state-unwritable` */
export async function storeEvidence(
  folder: string,
  guestUuid: string,
  evidence: readonly EvidenceEntry[],
): Promise<void> {
  await makeFolderDurably(folder);
  const stored = { at: new Date().toISOString(), evidence };
  await writeWhole(join(folder, `${guestUuid}.json`), `${JSON.stringify(stored, null, 2)}\n`);
}

/** The last evidence about a guest; undefined where there is none that can be read. */
export async function readEvidence(folder: string, guestUuid: string): Promise<StoredEvidence | undefined> {
  const text = await readIfPresent(join(folder, `${guestUuid}.json`)).catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return storedSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
