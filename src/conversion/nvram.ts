import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import type { Warning } from '../domain/finding.ts';
import { systemErrorCode, VirtioizeError } from '../error.ts';
import { nvramPath, readNvram } from '../preflight/uefi/read-nvram.ts';
import { isLocal } from '../virsh/connection-uri.ts';

const CP_TIMEOUT_MS = 30_000;

export interface NvramCopy {
  readonly nvram?: { readonly path: string; readonly content: Buffer };
  readonly warnings: readonly Warning[];
}

/**
 * A copy of the guest's UEFI variables, to be kept with its definition. Only a file on this machine can be read; where
 * it can't, a warning says so.
 */
export async function copyNvram(definition: string, uri: string): Promise<NvramCopy> {
  const path = nvramPath(definition);
  if (path === undefined) return { warnings: [] };
  const unreadable = (why: string): NvramCopy => ({
    warnings: [{ code: 'nvram-unreadable', message: `The UEFI variables (${path}) are not backed up: ${why}.` }],
  });
  if (!isLocal(uri)) return unreadable('they lie on another machine');
  try {
    return { nvram: { path, content: await readNvram(path) }, warnings: [] };
  } catch (error) {
    // Before a guest's first start there is none yet.
    if (systemErrorCode(error) === 'ENOENT') return { warnings: [] };
    return unreadable(systemErrorCode(error) ?? 'they are larger than any UEFI has');
  }
}

/**
 * Put a copy of a guest's UEFI variables back, in one step, with the owner, mode and labels (ACL, SELinux context,
 * extended attributes) that the file has now. The guest must be off. Doing it twice does no harm.
 * @throws VirtioizeError `state-unwritable`
 */
export async function restoreNvram(copy: string, path: string): Promise<void> {
  const temporary = join(dirname(path), `.virtioize-${process.pid}.fd`);
  try {
    await rm(temporary, { force: true });
    await writeLike(path, temporary, await readFile(copy));
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new VirtioizeError(
      'state-unwritable',
      `Could not put the UEFI variables back to ${path}: ${systemErrorCode(error) ?? (error as Error).message}.`,
      {
        hint: `The copy is ${copy}; put it there by hand while the guest is off.`,
        cause: error,
      },
    );
  }
}

/** The folder may belong to QEMU's user: the file must be new, so that nothing that lies there is written through. */
async function writeLike(model: string, path: string, content: Buffer): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    if (await exists(model)) await copyAttributes(model, path);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** By cp, for Node knows neither labels nor ACLs. The time stays that of the new content: backups go by it. */
async function copyAttributes(from: string, to: string): Promise<void> {
  const what = ['--attributes-only', '--preserve=all', '--no-preserve=timestamps', '--no-target-directory'];
  const options = { stdin: 'ignore', reject: false, timeout: CP_TIMEOUT_MS, env: { LC_ALL: 'C' } } as const;
  const { failed, stderr, shortMessage } = await execa('cp', [...what, '--', from, to], options);
  if (failed) throw new Error(stderr || shortMessage);
}
