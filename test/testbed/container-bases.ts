import { copyFile, cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import type { ContainerEngine } from './container-engine.ts';
import { debianRoot } from './debian-root.ts';

/** Make the images that those of docker/ begin with, under their names: Debian by debootstrap, and Node as it is on this machine. */
export async function importBases(engine: ContainerEngine): Promise<void> {
  await importImage({ from: 'scratch', contents: await debianRoot(), as: 'docker.io/library/debian:bookworm-slim' });
  const node = await nodeFolder(join(engine.folder, 'node'));
  await importImage({ from: 'debian:bookworm-slim', contents: node, as: 'docker.io/library/node:20-bookworm-slim' });

  async function importImage({ from, contents, as }: { from: string; contents: string; as: string }): Promise<void> {
    const container = await engine.buildah('from', '--pull-never', from);
    await engine.buildah('add', container, contents, '/');
    await engine.buildah('commit', '--quiet', '--rm', container, as);
  }
}

/** Node and npm as Node's own image has them below /usr/local, with what this machine's npm is told: where packages come from. */
async function nodeFolder(folder: string): Promise<string> {
  const place = (path: string): string => join(folder, 'usr/local', path);
  for (const name of ['bin', 'etc', 'lib/node_modules']) await mkdir(place(name), { recursive: true });
  await copyFile(process.execPath, place('bin/node'));
  await cp(join(await npm('root', '--global'), 'npm'), place('lib/node_modules/npm'), { recursive: true });
  for (const name of ['npm', 'npx']) await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, place(`bin/${name}`));
  const settings = await Promise.all(
    ['globalconfig', 'userconfig'].map(async (key) => readIfThere(await npm('config', 'get', key))),
  );
  await writeFile(place('etc/npmrc'), settings.join('\n'));
  const authorities = await npm('config', 'get', 'cafile');
  if (authorities.startsWith('/')) {
    await mkdir(join(folder, dirname(authorities)), { recursive: true });
    await copyFile(authorities, join(folder, authorities));
  }
  return folder;
}

async function npm(...words: string[]): Promise<string> {
  return (await execa('npm', words)).stdout.trim();
}

async function readIfThere(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
