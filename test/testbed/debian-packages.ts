import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { cachedFolder } from './cache-folder.ts';

/** Download one Debian package by apt and unpack it into `folder`, without installing anything. */
export async function unpackDebianPackage(name: string, folder: string): Promise<void> {
  // Debian's _apt user may not enter the folder; apt then downloads as root and only warns.
  await execa('apt-get', ['download', name], { cwd: folder, env: { LC_ALL: 'C' } });
  const archive = (await readdir(folder)).find((file) => file.startsWith(`${name}_`) && file.endsWith('.deb'));
  if (!archive) throw new Error(`apt-get download ${name} left no package in ${folder}`);
  await execa('dpkg-deb', ['-x', join(folder, archive), folder]);
}

/**
 * Return the path of one program of a Debian package, downloaded and unpacked on first use; nothing is installed.
 * @param path where the package has it, e.g. `usr/bin/promtool`
 */
export async function debianProgram(name: string, path: string): Promise<string> {
  const program = basename(path);
  const folder = await cachedFolder(`${program}-1`, async (draft) => {
    const whole = await mkdtemp(join(draft, 'package-'));
    await unpackDebianPackage(name, whole);
    await rename(join(whole, path), join(draft, program));
    await rm(whole, { recursive: true });
  });
  return join(folder, program);
}

/** Return the first package that a meta package depends on: `linux-image-amd64` -> `linux-image-6.1.0-56-amd64`. */
export async function resolveMetaPackage(name: string): Promise<string> {
  const { stdout } = await execa('apt-cache', ['depends', '--important', name], { env: { LC_ALL: 'C' } });
  const dependency = /^\s*Depends: (\S+)$/m.exec(stdout)?.[1];
  if (!dependency) throw new Error(`apt-cache knows no dependency of ${name}: run apt-get update first`);
  return dependency;
}
