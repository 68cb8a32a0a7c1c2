import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedFolder } from './cache-folder.ts';
import { resolveMetaPackage, unpackDebianPackage } from './debian-packages.ts';
import { type GuestKernel, keepKernel, keptKernel } from './kernel-files.ts';
import { downloadedPackages } from './packages.ts';

/** Return Debian's kernel, downloaded and unpacked on first use. */
export async function debianKernel(): Promise<GuestKernel> {
  return keptKernel(await cachedFolder('kernel-4', unpackKernel));
}

/** The whole package is half a gigabyte unpacked. */
async function unpackKernel(folder: string): Promise<void> {
  const whole = await mkdtemp(join(folder, 'package-'));
  await unpackDebianPackage(await resolveMetaPackage(downloadedPackages.kernel), whole);
  await keepKernel(folder, whole, (version) => join(whole, 'boot', `vmlinuz-${version}`));
  await rm(whole, { recursive: true });
}
