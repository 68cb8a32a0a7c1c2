import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedFolder } from './cache-folder.ts';
import { unpackDebianPackage } from './debian-packages.ts';
import { downloadedPackages } from './packages.ts';

/** Return the path of Prometheus' promtool, downloaded and unpacked on first use; nothing is installed. */
export async function promtool(): Promise<string> {
  return join(await cachedFolder('promtool-1', unpackPromtool), 'promtool');
}

/** The package holds a server as well: keep the one program. */
async function unpackPromtool(folder: string): Promise<void> {
  const whole = await mkdtemp(join(folder, 'package-'));
  await unpackDebianPackage(downloadedPackages.promtool, whole);
  await rename(join(whole, 'usr/bin/promtool'), join(folder, 'promtool'));
  await rm(whole, { recursive: true });
}
