import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedFolder } from './cache-folder.ts';
import { unpackDebianPackage } from './debian-packages.ts';
import { downloadedPackages } from './packages.ts';

/** Return the path of OpenSSH's sshd, downloaded and unpacked on first use; nothing is installed. */
export async function sshServer(): Promise<string> {
  return join(await cachedFolder('ssh-server-1', unpackSshd), 'sshd');
}

async function unpackSshd(folder: string): Promise<void> {
  const whole = await mkdtemp(join(folder, 'package-'));
  await unpackDebianPackage(downloadedPackages.sshServer, whole);
  await rename(join(whole, 'usr/sbin/sshd'), join(folder, 'sshd'));
  await rm(whole, { recursive: true });
}
