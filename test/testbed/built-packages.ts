import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { repository } from '../repository.ts';

/** What `npm run package` makes. */
export interface BuiltPackages {
  readonly folder: string;
  readonly executable: string;
  readonly deb: string;
  readonly rpm: string;
}

const BUILDER = 'dist/deploy/packages/main.js';

/** Make the packages of this checkout, less compressed than usual, in a folder of their own that the caller removes. */
export async function buildPackages(revision: number): Promise<BuiltPackages> {
  const folder = await mkdtemp(join(tmpdir(), 'virtioize-packages-'));
  const words = [BUILDER, '--quick', '--revision', String(revision), '--output', folder];
  await execa(process.execPath, words, { cwd: repository, timeout: 600_000 });
  const files = await readdir(folder);
  const named = (end: string): string => join(folder, files.find((name) => name.endsWith(end)) ?? `no ${end}`);
  return { folder, executable: join(folder, 'virtioize'), deb: named('.deb'), rpm: named('.rpm') };
}
