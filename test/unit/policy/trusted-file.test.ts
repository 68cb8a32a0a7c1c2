import { chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readTrustedFile } from '../../../src/policy/trusted-file.ts';

const NOBODY = 65_534;
let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtioize-config-'));
  await mkdir(join(folder, 'etc'), { mode: 0o755 });
  file = join(folder, 'etc', 'config.yaml');
  await writeFile(file, 'jobs: 2\n', { mode: 0o644 });
});

afterEach(async () => rm(folder, { recursive: true }));

// The tests run as root; what is asked of a file does not depend on who asks.
describe('a configuration file that is read as root', () => {
  it('is read where it is root’s alone to write', async () => {
    expect(await readTrustedFile(file, { isRoot: true })).toBe('jobs: 2\n');
    expect(await readTrustedFile(join(folder, 'none'), { isRoot: true })).toBeUndefined();
  });

  it.each<[string, () => Promise<void>]>([
    ['all may write', () => chmod(file, 0o666)],
    ['its group may write', () => chmod(file, 0o664)],
    ['is somebody else’s', () => chown(file, NOBODY, 0)],
    ['lies in a folder that others may write', () => chmod(join(folder, 'etc'), 0o777)],
    ['lies in a folder of somebody else', () => chown(join(folder, 'etc'), NOBODY, 0)],
    ['lies below such a folder', () => chown(folder, NOBODY, 0)],
    [
      'is a link to such a file',
      async () => {
        const theirs = join(folder, 'theirs.yaml');
        await writeFile(theirs, 'jobs: 64\n');
        await chown(theirs, NOBODY, 0);
        await rm(file);
        await symlink(theirs, file);
      },
    ],
  ])('is refused where it %s', async (_, spoil) => {
    await spoil();
    await expect(readTrustedFile(file, { isRoot: true })).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('others than root can write'),
      hint: expect.stringContaining('chmod go-w'),
    });
    expect(await readTrustedFile(file, { isRoot: false })).toMatch(/^jobs/);
  });

  it('is refused where it is no file, or far too large', async () => {
    await expect(readTrustedFile(folder, { isRoot: false })).rejects.toMatchObject({ code: 'config' });
    await writeFile(file, Buffer.alloc(2 * 1024 * 1024, '#'));
    await expect(readTrustedFile(file, { isRoot: false })).rejects.toThrow('larger than');
  });
});
