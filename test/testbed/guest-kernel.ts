import { readdirSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { repository } from '../repository.ts';
import { linkApplianceParts } from './appliance-parts.ts';
import { cachedFolder, cachePlace, isCached } from './cache-folder.ts';
import { resolveMetaPackage, unpackDebianPackage } from './debian-packages.ts';
import { type GuestKernel, keepKernel, keptKernel } from './kernel-files.ts';
import { downloadedPackages } from './packages.ts';

/** What the kernel is built with, in the words of Kconfig; all else is off. */
const CONFIG = join(repository, 'test/testbed/guest-kernel.config');

const CACHED_AS = 'guest-kernel-2';
const ALL_MODULES = 'all/lib/modules';
const APPLIANCE_PARTS = 'guestfs';

/** Parts of the source that no kernel for these machines is compiled of; Kconfig reads its own files everywhere. */
const UNUSED_SOURCES = [
  'arch/[a-wyz]*',
  'drivers/gpu/drm/*',
  'drivers/media',
  'drivers/net/[a-tw-z]*',
  'drivers/staging',
  'sound',
]
  .flatMap((folder) => [`*/${folder}/*.c`, `*/${folder}/*.h`, `*/${folder}/*.S`])
  .concat(['*/Documentation/*.rst', '*.dts', '*.dtsi', '*/tools/perf/*', '*/tools/testing/*']);

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

/**
 * Have libguestfs make its appliance with this kernel, where there is one, and of no more than it needs: under emulation it is
 * there, and has found a system, in a quarter of the time that one with the machine's own kernel takes.
 */
export function applianceEnvironment(): Record<string, string> {
  if (!hasGuestKernel()) return {};
  const folder = cachePlace(CACHED_AS);
  const modules = join(folder, ALL_MODULES);
  const [version = ''] = readdirSync(modules);
  return {
    SUPERMIN_KERNEL: join(folder, 'vmlinuz'),
    SUPERMIN_KERNEL_VERSION: version,
    SUPERMIN_MODULES: join(modules, version),
    LIBGUESTFS_PATH: join(folder, APPLIANCE_PARTS),
    LIBGUESTFS_CACHEDIR: folder,
    // QEMU translates a program's code once more for each address that it is loaded at.
    LIBGUESTFS_APPEND: 'norandmaps',
  };
}

async function buildKernel(folder: string): Promise<void> {
  const source = await mkdtemp(join(tmpdir(), 'virtioize-kernel-'));
  try {
    const name = await resolveMetaPackage(downloadedPackages.kernelSource);
    await unpackDebianPackage(name, source);
    const tree = join(source, 'tree');
    await mkdir(tree);
    const archive = join(source, 'usr/src', `${name}.tar.xz`);
    const unused = UNUSED_SOURCES.map((pattern) => `--exclude=${pattern}`);
    await execa('tar', ['-I', 'xz -T0', '-xf', archive, '-C', tree, '--strip-components=1', ...unused]);
    const make = (targets: readonly string[], settings: Record<string, string> = {}) =>
      execa('make', ['-s', `-j${availableParallelism()}`, 'ARCH=x86_64', ...targets], {
        cwd: tree,
        env: { LC_ALL: 'C', KBUILD_BUILD_USER: 'testbed', KBUILD_BUILD_HOST: 'testbed', ...settings },
      });
    await make(['allnoconfig'], { KCONFIG_ALLCONFIG: CONFIG });
    await make(['bzImage', 'modules']);
    const version = (await make(['kernelrelease'])).stdout;
    const installed = join(source, 'installed');
    await make(['modules_install'], { INSTALL_MOD_PATH: installed });
    for (const link of ['build', 'source']) await rm(join(installed, 'lib/modules', version, link), { force: true });
    await cp(join(installed, 'lib/modules'), join(folder, ALL_MODULES), { recursive: true });
    await keepKernel(folder, installed, () => join(tree, 'arch/x86/boot/bzImage'));
    await linkApplianceParts(join(folder, APPLIANCE_PARTS));
  } finally {
    await rm(source, { recursive: true });
  }
}
