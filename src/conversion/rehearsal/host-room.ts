import { readdir, stat, statfs } from 'node:fs/promises';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { parseDefinition, selectText } from '../../domain/xml.ts';
import { systemErrorCode } from '../../error.ts';

/** What a clone must not take from the host, whatever it is allowed. */
const SPARE_MEMORY_BYTES = 512 * 1024 * 1024;
const USABLE_SHARE = 0.8;
/** Below this a system is up before it can have written anything worth while. */
const MIN_SCRATCH_BYTES = 64 * 1024 * 1024;

/**
 * Why a clone with this definition would take more memory than the host has to spare; undefined where it has enough.
 * libvirt prints memory in KiB.
 */
export function memoryShortage(definition: string, freeBytes = freemem()): string | undefined {
  const document = parseDefinition(definition);
  const kib = selectText(document, '/domain/currentMemory') ?? selectText(document, '/domain/memory') ?? '0';
  const wanted = Number(kib) * 1024;
  if (wanted + SPARE_MEMORY_BYTES <= freeBytes) return undefined;
  return `it would take ${mebibytes(wanted)} of memory, and the host has ${mebibytes(freeBytes)} free`;
}

/**
 * How much a clone may write.
 * @param limit what the admin allows, in bytes.
 * @returns a reason where that is too little.
 */
export async function scratchRoom(folder: string, limit: number): Promise<{ bytes: number } | { shortage: string }> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const bytes = Math.min(limit, Math.floor(free * USABLE_SHARE));
  if (bytes >= MIN_SCRATCH_BYTES) return { bytes };
  return { shortage: `${folder} has only ${mebibytes(free)} free for what the clone writes` };
}

/** How many bytes the files in a folder take on its disk. */
export async function usedBytes(folder: string): Promise<number> {
  let used = 0;
  for (const name of await readdir(folder)) {
    try {
      used += (await stat(join(folder, name))).blocks * 512;
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error; // it was renamed meanwhile
    }
  }
  return used;
}

export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`;
}
