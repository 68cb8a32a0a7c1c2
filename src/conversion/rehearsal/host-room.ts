import { readdir, stat, statfs } from 'node:fs/promises';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { readDefinition, selectText } from '../../domain/xml.ts';
import { systemErrorCode } from '../../error.ts';

/** What a clone must not take from the host, whatever it is allowed. */
const SPARE_MEMORY_BYTES = 512 * 1024 * 1024;
const USABLE_SHARE = 0.8;
/** Below this a system is up before it can have written anything worth while. */
const MIN_SCRATCH_BYTES = 64 * 1024 * 1024;

/** A part of the host that a clone may use until it is given back. */
export interface Share {
  readonly bytes: number;
  readonly giveBack: () => void;
}

/** Why there is not enough left of it. */
export interface Shortage {
  readonly shortage: string;
}

/** What the clones of this run have been given. No other run rehearses meanwhile: it would need the host's lock. */
const given = { memory: 0, scratch: 0 };

/**
 * The memory for a clone with this definition, in which libvirt prints it in KiB: all that it may have, for whether it makes
 * do with less (`currentMemory`) is its own choice.
 */
export function shareMemory(definition: string, freeBytes = freemem()): Share | Shortage {
  const document = readDefinition(definition);
  const bytes = Number(selectText(document, '/domain/memory') ?? '0') * 1024;
  const left = freeBytes - given.memory - SPARE_MEMORY_BYTES;
  if (bytes <= left) return share('memory', bytes);
  return { shortage: `it would take ${mebibytes(bytes)} of memory, and the host has ${mebibytes(freeBytes)} free` };
}

/**
 * How much a clone may write to a folder.
 * @param limit what the admin allows, in bytes.
 */
export async function shareScratch(folder: string, limit: number): Promise<Share | Shortage> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const bytes = Math.min(limit, Math.floor((free - given.scratch) * USABLE_SHARE));
  if (bytes >= MIN_SCRATCH_BYTES) return share('scratch', bytes);
  return { shortage: `${folder} has only ${mebibytes(free)} free for what clones write` };
}

function share(of: keyof typeof given, bytes: number): Share {
  given[of] += bytes;
  return {
    bytes,
    giveBack() {
      given[of] -= bytes;
    },
  };
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
