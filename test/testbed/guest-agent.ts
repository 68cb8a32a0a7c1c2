import { copyFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cachedFolder } from './cache-folder.ts';
import { unpackDebianPackage } from './debian-packages.ts';
import { neededLibraries } from './needed-libraries.ts';
import { downloadedPackages } from './packages.ts';

/**
 * Return a folder with Debian's qemu-ga and every library it needs, the loader included, laid out as on a root file system
 * (`usr/sbin/qemu-ga`, `usr/lib/...`). The libraries are the host's: the agent's package comes from the same release.
 */
export function guestAgentFolder(): Promise<string> {
  return cachedFolder('guest-agent-1', unpackGuestAgent);
}

async function unpackGuestAgent(folder: string): Promise<void> {
  const whole = await mkdtemp(join(folder, 'package-'));
  await unpackDebianPackage(downloadedPackages.agent, whole);
  await mkdir(join(folder, 'usr/sbin'), { recursive: true });
  const program = join(folder, 'usr/sbin/qemu-ga');
  await rename(join(whole, 'usr/sbin/qemu-ga'), program);
  await rm(whole, { recursive: true });
  for (const library of await neededLibraries(program)) {
    const target = join(folder, 'usr', library.replace(/^\/usr\//, '/'));
    await mkdir(dirname(target), { recursive: true });
    await copyFile(library, target);
  }
}
