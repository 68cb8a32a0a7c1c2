import { chmod, chown, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Warning } from '../domain/finding.ts';
import { parseDefinition, selectText } from '../domain/xml.ts';
import { systemErrorCode, VirtioizeError } from '../error.ts';
import { isLocal } from '../virsh/connection-uri.ts';

/** UEFI variable stores are 540 KiB on x86 and 64 MiB on aarch64. */
const MAX_BYTES = 64 * 1024 * 1024;

export interface NvramCopy {
  readonly nvram?: { readonly path: string; readonly content: Buffer };
  readonly warnings: readonly Warning[];
}

/**
 * A copy of the guest's UEFI variables, to be kept with its definition. Only a file on this machine can be read; where
 * it can't, a warning says so.
 */
export async function copyNvram(definition: string, uri: string): Promise<NvramCopy> {
  const path = selectText(parseDefinition(definition), '/domain/os/nvram');
  if (path === undefined || path === '') return { warnings: [] };
  const unreadable = (why: string): NvramCopy => ({
    warnings: [{ code: 'nvram-unreadable', message: `The UEFI variables (${path}) are not backed up: ${why}.` }],
  });
  if (!isLocal(uri)) return unreadable('they lie on another machine');
  try {
    return { nvram: { path, content: await readBounded(path) }, warnings: [] };
  } catch (error) {
    // Before a guest's first start there is none yet.
    if (systemErrorCode(error) === 'ENOENT') return { warnings: [] };
    return unreadable(systemErrorCode(error) ?? 'they are larger than any UEFI has');
  }
}

async function readBounded(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size > MAX_BYTES) throw new RangeError(path);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/**
 * Put a copy of a guest's UEFI variables back, in one step, with the owner and mode that the file has now. The guest
 * must be off. Doing it twice does no harm.
 * @throws VirtioizeError `state-unwritable`
 */
export async function restoreNvram(copy: string, path: string): Promise<void> {
  const temporary = join(dirname(path), `.virtioize-${process.pid}.fd`);
  try {
    const owner = await stat(path).catch(() => undefined);
    await writeFile(temporary, await readFile(copy), { mode: 0o600, flush: true });
    if (owner !== undefined) {
      await chown(temporary, owner.uid, owner.gid);
      await chmod(temporary, owner.mode & 0o777);
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new VirtioizeError(
      'state-unwritable',
      `Could not put the UEFI variables back to ${path}: ${systemErrorCode(error)}.`,
      {
        hint: `The copy is ${copy}; put it there by hand while the guest is off.`,
        cause: error,
      },
    );
  }
}
