import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { renderBashCompletion } from './bash-completion.ts';
import { readDeclarations } from './declarations.ts';
import { renderManualPage } from './manual-page.ts';
import { NODE_FOLDER } from './single-executable.ts';
import { renderZshCompletion } from './zsh-completion.ts';

/** What is told of a package, and of the program in it. */
export interface Release {
  readonly version: string;
  /** How often this version was packaged, from 1 on. */
  readonly revision: string;
  /** Of all files, so that the same source makes the same package. */
  readonly date: Date;
}

/** What a package is made of, and where. */
export interface Workplace {
  readonly executable: string;
  /** A folder for what comes up on the way. */
  readonly scratch: string;
  readonly output: string;
  /** Larger packages, made in a tenth of the time: to try one out. */
  readonly isQuick: boolean;
}

/** A file of a package. */
export interface PackagedFile {
  /** As installed, e.g. `/usr/bin/virtioize`. */
  readonly path: string;
  readonly data: Buffer | string;
  readonly mode?: number;
}

/** Where a distribution has things that not all have in the same place. */
export interface Places {
  readonly units: string;
  readonly zshCompletions: string;
}

const UNITS = ['check.service', 'check.timer', 'convert.service', 'convert.timer'];
const DOCUMENTATION = '/usr/share/doc/virtioize';

/** What is in each package, but for what tells of licences and changes. */
export async function commonFiles(release: Release, places: Places, executable: string): Promise<PackagedFile[]> {
  const declarations = readDeclarations();
  const units = UNITS.map(async (name) => ({
    path: `${places.units}/virtioize-${name}`,
    data: await readFile(`deploy/systemd/virtioize-${name}`),
  }));
  return [
    { path: '/usr/bin/virtioize', data: await readFile(executable), mode: 0o755 },
    { path: '/usr/share/man/man1/virtioize.1.gz', data: compress(renderManualPage(declarations, release)) },
    { path: '/usr/share/bash-completion/completions/virtioize', data: renderBashCompletion(declarations) },
    { path: `${places.zshCompletions}/_virtioize`, data: renderZshCompletion(declarations) },
    ...(await Promise.all(units)),
    { path: `${DOCUMENTATION}/examples/config.yaml`, data: await readFile('deploy/config.yaml') },
    { path: `${DOCUMENTATION}/examples/cron`, data: await readFile('deploy/cron/virtioize') },
  ];
}

/** What is in the executable, and on which terms. */
export interface Licences {
  readonly own: string;
  readonly node: string;
  /** Of the libraries that are bundled. */
  readonly libraries: string;
}

/** @param scratch where the program was bundled. */
export async function readLicences(scratch: string): Promise<Licences> {
  const [own, node, libraries] = await Promise.all(
    ['LICENSE', `${NODE_FOLDER}/LICENSE`, join(scratch, 'program/THIRD-PARTY-NOTICES.txt')].map((file) =>
      readFile(file, 'utf8'),
    ),
  );
  return { own: own ?? '', node: node ?? '', libraries: libraries ?? '' };
}

/** As `gzip -9n` does, without a name and a time. */
export function compress(text: string | Buffer): Buffer {
  return gzipSync(text, { level: 9 });
}

/** Lay files out below a folder, as they will be installed. */
export async function layOut(files: readonly PackagedFile[], folder: string, date: Date): Promise<void> {
  for (const { path, data, mode = 0o644 } of files) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true, mode: 0o755 });
    await writeFile(file, data, { mode });
    await utimes(file, date, date);
  }
}
