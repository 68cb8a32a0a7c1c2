import { readFile } from 'node:fs/promises';
import { neededLibraries } from '../../testbed/needed-libraries.ts';
import type { ArchiveEntry } from '../../testbed/newc-archive.ts';

/** A program of the host for an initramfs, with its libraries, and the script that runs it until the root is there. */
export async function storageProgram(
  name: 'lvm' | 'mdadm',
  script: string,
  configuration: Readonly<Record<string, string>>,
): Promise<ArchiveEntry[]> {
  const program = `/sbin/${name}`;
  const libraries = await neededLibraries(program);
  return [
    { type: 'link', path: 'lib64', target: 'usr/lib64' },
    { type: 'folder', path: 'run' },
    { type: 'file', path: `usr/bin/${name}`, content: await readFile(program), mode: 0o755 },
    ...(await Promise.all(
      libraries.map(async (library): Promise<ArchiveEntry> => {
        const path = `usr${library.replace(/^\/usr\//, '/')}`;
        return { type: 'file', path, content: await readFile(library), mode: 0o755 };
      }),
    )),
    { type: 'file', path: `scripts/local-block/${name}`, content: `#!/bin/sh\n${script}\n`, mode: 0o755 },
    ...Object.entries(configuration).map(
      ([path, content]): ArchiveEntry => ({ type: 'file', path: path.slice(1), content }),
    ),
  ];
}
