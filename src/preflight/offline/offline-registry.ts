import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { GuestfsError } from '../../guestfs/guestfs-error.ts';
import { exportHiveKey } from '../../guestfs/hive.ts';
import { type GuestFiles, orUnreadable, readHead, UnreadableError } from '../guest-files.ts';
import { isDirtyHive } from '../windows/dirty-hive.ts';
import { createHiveRegistry } from '../windows/hive-registry.ts';
import type { GuestRegistry } from '../windows/registry.ts';

export interface OfflineRegistryOptions {
  /** The Windows folder. */
  readonly systemRoot: string;
  /** A folder that gets copies of the hives. */
  readonly scratch: string;
}

/** The registry in the hives of a Windows system that is off. A hive is copied out when it is first asked for. */
export function offlineRegistry(files: GuestFiles, { systemRoot, scratch }: OfflineRegistryOptions): GuestRegistry {
  const copies = new Map<string, Promise<string>>();
  return createHiveRegistry(async (hive, key, maxDepth) => {
    const copy = copies.get(hive) ?? copyOut(files, hivePath(systemRoot, hive), join(scratch, hive));
    copies.set(hive, copy);
    try {
      return await exportHiveKey(await copy, key, maxDepth);
    } catch (error) {
      if (error instanceof GuestfsError)
        throw new UnreadableError(`the registry's ${hive} can't be read (${error.message})`);
      throw error;
    }
  });
}

/**
 * Whether what Windows has last written to its registry is still in the hive's log, where it is not read from. A hive that
 * can't be read says nothing at all.
 */
export async function hasDirtyHive(files: GuestFiles, systemRoot: string): Promise<boolean> {
  const head = await orUnreadable(() => readHead(files, hivePath(systemRoot, 'SYSTEM'), 12));
  return head instanceof Buffer && isDirtyHive(head);
}

function hivePath(systemRoot: string, hive: string): string {
  return `${systemRoot}/System32/config/${hive}`;
}

async function copyOut(files: GuestFiles, path: string, copy: string): Promise<string> {
  const chunks = await files.open(path);
  if (chunks === undefined) throw new UnreadableError(`${path} is not there`);
  await pipeline(chunks, createWriteStream(copy, { mode: 0o600 }));
  return copy;
}
