import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Guestfish } from '../../guestfs/guestfish.ts';
import { GuestfsError } from '../../guestfs/guestfs-error.ts';
import { type GuestFiles, UnreadableError } from '../guest-files.ts';
import { shorten } from '../shorten.ts';

/** More than the files that matter take together: some initramfs images, registry hives and text. */
const MAX_TOTAL_BYTES = 1024 * 1024 * 1024;
const FIRST_CHUNK_BYTES = 4 * 1024 * 1024;
const CHUNK_BYTES = 32 * 1024 * 1024;
const MAX_LISTING_BYTES = 16 * 1024 * 1024;

/** `st_mode`'s file type (stat(2)). */
const TYPE_MASK = 0o170000;
const REGULAR = 0o100000;
const FOLDER = 0o040000;

export interface OfflineFilesOptions {
  /** A folder for what is on its way. */
  readonly scratch: string;
  /** Names are looked up as Windows does. */
  readonly ignoresCase: boolean;
  /** How much is read in all; default 1 GiB. */
  readonly maxBytes?: number;
}

/**
 * The files of a system that is mounted in a libguestfs appliance. Symbolic links lead no further than the appliance.
 * Beside what the port says, whatever it gives throws GuestfsError where the appliance is gone.
 */
export function offlineFiles(
  fish: Guestfish,
  { scratch, ignoresCase, maxBytes = MAX_TOTAL_BYTES }: OfflineFilesOptions,
): GuestFiles {
  const passing = join(scratch, 'passing');
  let total = 0;

  const locate = async (path: string): Promise<string | undefined> => {
    if (path.includes('\0')) return undefined; // what a guest wrote as a name, and no file has
    if (!ignoresCase) return path;
    return orAbsent(path, async () => (await fish.ask('case-sensitive-path', path)).replace(/\n$/, ''));
  };

  async function* readChunks(path: string): AsyncGenerator<Buffer> {
    let [offset, size] = [0, FIRST_CHUNK_BYTES];
    for (;;) {
      await asUnreadable(path, () => fish.ask('download-offset', path, passing, String(offset), String(size)));
      const chunk = await readFile(passing);
      await rm(passing);
      total += chunk.length;
      if (total > maxBytes) throw new UnreadableError('the guest has more to read than any system needs');
      if (chunk.length > 0) yield chunk;
      if (chunk.length < size) return;
      offset += size;
      size = CHUNK_BYTES;
    }
  }

  return {
    async open(path) {
      const place = await locate(path);
      const type = place === undefined ? undefined : await readType(fish, place);
      if (place === undefined || type === undefined) return undefined;
      if (type !== REGULAR) throw new UnreadableError(`${shorten(path)} is no file`);
      return readChunks(place);
    },
    async list(folder) {
      const place = await locate(folder);
      const type = place === undefined ? undefined : await readType(fish, place);
      if (place === undefined || type !== FOLDER) return undefined;
      await asUnreadable(folder, () => fish.ask('ls0', place, passing));
      try {
        const { size } = await stat(passing);
        if (size > MAX_LISTING_BYTES) throw new UnreadableError(`${shorten(folder)} holds more than any folder does`);
        return (await readFile(passing, 'utf8')).split('\0').filter((name) => name !== '');
      } finally {
        await rm(passing);
      }
    },
  };
}

/** A file's type, links followed, or undefined where there is no such file. */
async function readType(fish: Guestfish, path: string): Promise<number | undefined> {
  const text = await orAbsent(path, () => fish.ask('statns', path));
  const mode = text === undefined ? undefined : /^st_mode: (\d+)$/m.exec(text)?.[1];
  return mode === undefined ? undefined : Number(mode) & TYPE_MASK;
}

async function orAbsent<T>(path: string, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isRefusal(error) && /No such file or directory|Not a directory|: not found$/.test(error.message))
      return undefined;
    throw isRefusal(error) ? unreadable(path, error) : error;
  }
}

async function asUnreadable<T>(path: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw isRefusal(error) ? unreadable(path, error) : error;
  }
}

function isRefusal(error: unknown): error is GuestfsError {
  return error instanceof GuestfsError && error.kind === 'refused';
}

function unreadable(path: string, { message }: GuestfsError): UnreadableError {
  return new UnreadableError(`${shorten(path)} can't be read (${shorten(message)})`);
}
