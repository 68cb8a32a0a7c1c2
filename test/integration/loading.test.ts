import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { ownVersion } from '../program.ts';
import { repository } from '../repository.ts';

const PROGRAM = join(repository, 'bin/virtioize.js');
const BUNDLE = join(repository, 'dist/bundle');

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtioize-loading-'));
});

afterEach(async () => rm(folder, { recursive: true }));

/** What a run prints, and the files that Node loads for it: its coverage data names them all. */
async function runAndSee(words: readonly string[]): Promise<{ stdout: string; files: string[] }> {
  const coverage = join(folder, 'coverage');
  const env = { NODE_OPTIONS: '', NODE_V8_COVERAGE: coverage };
  const { stdout } = await execa(process.execPath, [PROGRAM, ...words], { env, stdin: 'ignore', timeout: 300_000 });
  const [report = ''] = await readdir(coverage);
  const { result } = JSON.parse(await readFile(join(coverage, report), 'utf8')) as { result: { url: string }[] };
  const urls = result.map(({ url }) => url).filter((url) => url.startsWith('file:'));
  return { stdout, files: urls.map((url) => fileURLToPath(url)) };
}

/** Which of these functions are in files that were loaded. */
async function functionsIn(files: readonly string[], names: readonly string[]): Promise<string[]> {
  const text = (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n');
  return names.filter((name) => text.includes(`function ${name}(`));
}

const FUNCTIONS = ['parseCommandLine', 'openSession', 'readGuestStatus', 'convertGuest', 'parseConfig', 'renderHtml'];

describe('a run loads', () => {
  it('the bundle, and nothing beside it', async () => {
    const { files } = await runAndSee(['status', '-c', 'test:///default', '--state-dir', folder, '--no-config']);
    expect(files).toContain(join(BUNDLE, 'main.js'));
    expect(files.filter((file) => file !== PROGRAM && dirname(file) !== BUNDLE)).toEqual([]);
  });

  it('no conversion where it only reads', async () => {
    const { files } = await runAndSee(['status', '-c', 'test:///default', '--state-dir', folder, '--no-config']);
    expect(await functionsIn(files, FUNCTIONS)).toEqual(['parseCommandLine', 'openSession', 'readGuestStatus']);
  });

  it('the conversion where it converts', async () => {
    const words = ['convert', '--dry-run', 'test', '-c', 'test:///default', '--state-dir', folder, '--no-config'];
    expect(await functionsIn((await runAndSee(words)).files, FUNCTIONS)).toContain('convertGuest');
  });

  it('hardly anything to tell its version', async () => {
    const { stdout, files } = await runAndSee(['--version']);
    expect(stdout).toBe(await ownVersion());
    expect(await functionsIn(files, FUNCTIONS)).toEqual([]);
  });
});
