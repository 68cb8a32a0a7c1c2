import { existsSync } from 'node:fs';
import { chown, lchown, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { withScratchFolder } from '../../src/scratch-folder.ts';

/** The number of a process that has ended. */
let deadPid: number;
let elsewhere: string;
const made: string[] = [];

beforeAll(async () => {
  const { stdout } = await execa('sh', ['-c', 'echo $$']);
  deadPid = Number(stdout);
  elsewhere = await mkdtemp(join(tmpdir(), 'virtioize-test-'));
});

afterAll(async () => {
  for (const path of [...made, elsewhere]) await rm(path, { recursive: true, force: true });
});

function leftBehind(name: string, purpose = 'inspect'): string {
  const path = join(tmpdir(), `virtioize-${purpose}-${deadPid}-${name}`);
  made.push(path);
  return path;
}

describe('a folder of a run', () => {
  it('is gone afterwards, and so is what a killed run left', async () => {
    const left = [leftBehind('ours'), leftBehind('ours', 'plan')];
    for (const old of left) await mkdir(old);
    const folder = await withScratchFolder('plan', async (path) => {
      expect(existsSync(path)).toBe(true);
      return Promise.resolve(path);
    });
    expect([folder, ...left].filter((path) => existsSync(path))).toEqual([]);
  });

  it('is made without touching what only looks like it: a link, or (as root) the folder of somebody else', async () => {
    const link = leftBehind('link');
    await symlink(elsewhere, link);
    const foreign = leftBehind('foreign');
    await mkdir(foreign);
    await writeFile(join(foreign, 'file'), '');
    const isRoot = process.getuid?.() === 0;
    if (isRoot) await Promise.all([chown(foreign, 65_534, 65_534), lchown(link, 65_534, 65_534)]);
    await withScratchFolder('inspect', () => Promise.resolve());
    expect([existsSync(link), existsSync(elsewhere)]).toEqual([true, true]);
    expect(existsSync(join(foreign, 'file'))).toBe(isRoot);
  });
});
