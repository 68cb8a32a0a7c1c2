import { stat } from 'node:fs/promises';
import * as z from 'zod';
import { readIfPresent, writeDurably } from './durable-file.ts';

const toldSchema = z.object({ formatVersion: z.literal(1), guests: z.record(z.string(), z.string()) });

/** Some ten thousand guests; what is larger was not written by us. */
const LARGEST_BYTES = 4 * 1024 * 1024;

/** How each guest stood when a quiet run last told of it, by UUID; empty where there is nothing that can be read. */
export async function readTold(path: string): Promise<ReadonlyMap<string, string>> {
  try {
    if ((await stat(path)).size > LARGEST_BYTES) return new Map();
    const { guests } = toldSchema.parse(JSON.parse((await readIfPresent(path)) ?? ''));
    return new Map(Object.entries(guests));
  } catch {
    return new Map();
  }
}

/** @throws VirtioizeError `state-unwritable` */
export async function writeTold(path: string, told: ReadonlyMap<string, string>): Promise<void> {
  await writeDurably(path, `${JSON.stringify({ formatVersion: 1, guests: Object.fromEntries(told) }, null, 2)}\n`);
}
