import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { repository } from '../repository.ts';
import { cachedFolder, isCached } from './cache-folder.ts';
import { resolveMetaPackage, unpackDebianPackage } from './debian-packages.ts';
import { type GuestKernel, keepKernel, keptKernel } from './kernel-files.ts';
import { downloadedPackages } from './packages.ts';

/** What the kernel is built with, in the words of Kconfig; all else is off. */
const CONFIG = join(repository, 'test/testbed/guest-kernel.config');

const CACHED_AS = 'guest-kernel-1';

/** Whether `guestKernel` has it at once. */
export function hasGuestKernel(): boolean {
  return isCached(CACHED_AS);
}

/**
 * Return the kernel of the test guests, built on first use from Debian's kernel source: some minutes of both cores. Under
 * emulation a guest with it comes up in 5 s of processor time, one with Debian's own in 14 s: that is thrice as big to read
 * for a BIOS, and compressed with xz.
 */
export async function guestKernel(): Promise<GuestKernel> {
  return keptKernel(await cachedFolder(CACHED_AS, buildKernel));
}

async function buildKernel(folder: string): Promise<void> {
  const source = await mkdtemp(join(tmpdir(), 'virtioize-kernel-'));
  try {
    const name = await resolveMetaPackage(downloadedPackages.kernelSource);
    await unpackDebianPackage(name, source);
    const tree = join(source, 'tree');
    await mkdir(tree);
    await execa('tar', ['-xJf', join(source, 'usr/src', `${name}.tar.xz`), '-C', tree, '--strip-components=1']);
    const make = (targets: readonly string[], settings: Record<string, string> = {}) =>
      execa('make', ['-s', `-j${availableParallelism()}`, 'ARCH=x86_64', ...targets], {
        cwd: tree,
        env: { LC_ALL: 'C', KBUILD_BUILD_USER: 'testbed', KBUILD_BUILD_HOST: 'testbed', ...settings },
      });
    await make(['allnoconfig'], { KCONFIG_ALLCONFIG: CONFIG });
    await make(['bzImage', 'modules']);
    const installed = join(source, 'installed');
    await make(['modules_install'], { INSTALL_MOD_PATH: installed });
    await keepKernel(folder, installed, () => join(tree, 'arch/x86/boot/bzImage'));
  } finally {
    await rm(source, { recursive: true });
  }
}
