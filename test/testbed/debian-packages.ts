import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/** Download one Debian package by apt and unpack it into `folder`, without installing anything. */
export async function unpackDebianPackage(name: string, folder: string): Promise<void> {
  // Debian's _apt user may not enter the folder; apt then downloads as root and only warns.
  await execa('apt-get', ['download', name], { cwd: folder, env: { LC_ALL: 'C' } });
  const archive = (await readdir(folder)).find((file) => file.startsWith(`${name}_`) && file.endsWith('.deb'));
  if (!archive) throw new Error(`apt-get download ${name} left no package in ${folder}`);
  await execa('dpkg-deb', ['-x', join(folder, archive), folder]);
}

/** Return the first package that a meta package depends on: `linux-image-amd64` -> `linux-image-6.1.0-56-amd64`. */
export async function resolveMetaPackage(name: string): Promise<string> {
  const { stdout } = await execa('apt-cache', ['depends', '--important', name], { env: { LC_ALL: 'C' } });
  const dependency = /^\s*Depends: (\S+)$/m.exec(stdout)?.[1];
  if (!dependency) throw new Error(`apt-cache knows no dependency of ${name}: run apt-get update first`);
  return dependency;
}
