import type { Stats } from 'node:fs';
import { lstat, open, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemErrorCode, VirtioizeError } from '../error.ts';
import { isRootsAlone, keepsWhatIsRoots } from '../roots-alone.ts';

const MAX_BYTES = 1024 * 1024;

/**
 * The text of a configuration file, or undefined where there is none. Whoever can write what root obeys is root:
 * run as root, the file and every folder above it must be root's alone to write.
 * @throws VirtioizeError `config`
 */
export async function readTrustedFile(
  path: string,
  { isRoot }: { readonly isRoot: boolean },
): Promise<string | undefined> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw unusable(path, String(error));
  });
  if (file === undefined) return undefined;
  try {
    const found = await file.stat();
    if (!found.isFile()) throw unusable(path, 'it is no regular file');
    if (found.size > MAX_BYTES) throw unusable(path, `it is larger than ${MAX_BYTES} bytes`);
    if (isRoot) await requireTrust(path, found);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

async function requireTrust(path: string, found: Stats): Promise<void> {
  const real = await realpath(path);
  const now = await lstat(real);
  if (now.ino !== found.ino || now.dev !== found.dev) throw unusable(path, 'it was replaced while it was read');
  if (!isRootsAlone(found)) throw untrusted(path, real);
  for (let folder = dirname(real); ; folder = dirname(folder)) {
    if (!keepsWhatIsRoots(await stat(folder))) throw untrusted(path, folder);
    if (folder === dirname(folder)) return;
  }
}

function untrusted(path: string, what: string): VirtioizeError {
  return new VirtioizeError(
    'config',
    `${path} is not used, for others than root can write ${what === path ? 'it' : what}.`,
    { hint: `Look at what it says, then: chown root:root '${what}' && chmod go-w '${what}'` },
  );
}

function unusable(path: string, why: string): VirtioizeError {
  return new VirtioizeError('config', `${path} can't be read as the configuration: ${why}.`);
}
