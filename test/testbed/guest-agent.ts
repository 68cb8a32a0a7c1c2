import { copyFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { cachedFolder } from './cache-folder.ts';
import { unpackDebianPackage } from './debian-packages.ts';
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

/** Absolute paths, from lines like `libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x...)` and `/lib64/ld-...so.2 (0x...)`. */
async function neededLibraries(program: string): Promise<string[]> {
  const { stdout } = await execa('ldd', [program], { env: { LC_ALL: 'C' } });
  const missing = /^\s*(\S+) => not found$/m.exec(stdout)?.[1];
  if (missing) throw new Error(`qemu-ga needs ${missing}, which this machine does not have`);
  return [...stdout.matchAll(/^\s*(?:\S+ => )?(\/\S+) \(0x/gm)].map((match) => match[1] as string);
}
