import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
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

/** What a run prints, and the files that Node loads for it, those of the bundle by `bundle/NAME`: its coverage data names them all. */
async function runAndSee(words: readonly string[]): Promise<{ stdout: string; files: string[] }> {
  const coverage = join(folder, 'coverage');
  const env = { NODE_OPTIONS: '', NODE_V8_COVERAGE: coverage };
  const { stdout } = await execa(process.execPath, [PROGRAM, ...words], { env, stdin: 'ignore', timeout: 300_000 });
  const [report = ''] = await readdir(coverage);
  const { result } = JSON.parse(await readFile(join(coverage, report), 'utf8')) as { result: { url: string }[] };
  return { stdout, files: result.map(({ url }) => url).filter((url) => /^(?:file:|bundle\/)/.test(url)) };
}

/** Which of these functions are in files that were loaded. */
async function functionsIn(files: readonly string[], names: readonly string[]): Promise<string[]> {
  const bundled = files.filter((file) => file.startsWith('bundle/'));
  const text = (await Promise.all(bundled.map((file) => readFile(join(BUNDLE, basename(file)), 'utf8')))).join('\n');
  return names.filter((name) => text.includes(`function ${name}(`));
}

const FUNCTIONS = ['parseCommandLine', 'openSession', 'readGuestStatus', 'convertGuest', 'parseConfig', 'renderHtml'];

describe('a run loads', () => {
  it('the bundle, and nothing beside it', async () => {
    const { files } = await runAndSee(['status', '-c', 'test:///default', '--state-dir', folder, '--no-config']);
    expect(files).toContain('bundle/main.cjs');
    const others = files.filter((file) => !file.startsWith('bundle/'));
    expect(others.map((file) => relative(repository, fileURLToPath(file))).sort()).toEqual([
      'bin/load.js',
      'bin/virtioize.js',
    ]);
  });

  it('what V8 made of it when it was built, and the text alone where another V8 made that', async () => {
    const words = ['status', '-c', 'test:///default', '--state-dir', folder, '--no-config'];
    const copy = join(folder, 'copy');
    await cp(join(repository, 'bin'), join(copy, 'bin'), { recursive: true });
    await cp(BUNDLE, join(copy, 'dist/bundle'), { recursive: true });
    const compiled = join(copy, 'dist/bundle', `v8-${process.versions.v8}-${process.arch}`);
    const run = async () => (await execa(process.execPath, [join(copy, 'bin/virtioize.js'), ...words])).stdout;
    const withIt = await run();
    expect(withIt).toContain('1 guest');

    for (const name of await readdir(compiled)) await writeFile(join(compiled, name), 'made by another');
    expect(await run()).toBe(withIt);
    await rm(compiled, { recursive: true });
    expect(await run()).toBe(withIt);
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
