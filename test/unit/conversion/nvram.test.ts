import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { restoreNvram } from '../../../src/conversion/nvram.ts';
import { makeLabelledFile, readLabels } from './file-labels.ts';

/** Root may give a file away, as libvirt gives the variables to QEMU's user. */
const OWNER = process.getuid?.() === 0 ? 64055 : (process.getuid?.() ?? 0);

let base: string;
let folder: string;
let copy: string;
let path: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'virtioize-nvram-'));
  folder = join(base, 'nvram');
  copy = join(base, 'copy.fd');
  path = join(folder, 'g_VARS.fd');
  await mkdir(folder);
  await writeFile(copy, 'as they were');
});

afterEach(async () => rm(base, { recursive: true }));

describe('UEFI variables that are put back', () => {
  it('keep the ACL and the extended attributes of the file that they replace', async () => {
    await makeLabelledFile(folder, 'g_VARS.fd', 'as they are');
    const labels = await readLabels(folder, 'g_VARS.fd');
    expect(labels.join('\n')).toMatch(/SCHILY\.acl\.access[\s\S]*user\.virtioize=kept/);
    await restoreNvram(copy, path);
    expect(await readFile(path, 'utf8')).toBe('as they were');
    expect(await readLabels(folder, 'g_VARS.fd')).toEqual(labels);
  });

  it('keep its owner and mode, but not its time', async () => {
    await makeLabelledFile(folder, 'g_VARS.fd', 'as they are');
    await chmod(path, 0o460);
    await chown(path, OWNER, process.getgid?.() ?? 0);
    await restoreNvram(copy, path);
    const { uid, mode, mtimeMs } = await stat(path);
    expect({ uid, mode: (mode & 0o7777).toString(8) }).toEqual({ uid: OWNER, mode: '460' });
    expect(Date.now() - mtimeMs).toBeLessThan(60_000);
  });

  it('are the same the second time, and nothing else lies there', async () => {
    await makeLabelledFile(folder, 'g_VARS.fd', 'as they are, and longer than what replaces them');
    const labels = await readLabels(folder, 'g_VARS.fd');
    await restoreNvram(copy, path);
    await restoreNvram(copy, path);
    expect(await readFile(path, 'utf8')).toBe('as they were');
    expect(await readLabels(folder, 'g_VARS.fd')).toEqual(labels);
    expect(await readdir(folder)).toEqual(['g_VARS.fd']);
  });

  it('come back for their owner alone where the file is gone', async () => {
    await restoreNvram(copy, path);
    expect(await readFile(path, 'utf8')).toBe('as they were');
    expect(((await stat(path)).mode & 0o777).toString(8)).toBe('600');
  });

  it.each(['a file', 'a link to a file elsewhere'])(
    'pass by %s that lies where they are written first',
    async (what) => {
      const elsewhere = join(base, 'elsewhere');
      await writeFile(elsewhere, 'not ours');
      await writeFile(path, 'as they are');
      const temporary = join(folder, `.virtioize-${process.pid}.fd`);
      await (what === 'a file' ? writeFile(temporary, 'half-') : symlink(elsewhere, temporary));
      await restoreNvram(copy, path);
      expect(await readFile(path, 'utf8')).toBe('as they were');
      expect(await readFile(elsewhere, 'utf8')).toBe('not ours');
      expect(await readdir(folder)).toEqual(['g_VARS.fd']);
    },
  );
});

describe('UEFI variables that can not be put back', () => {
  it('because the copy is gone stay as they are', async () => {
    await writeFile(path, 'as they are');
    await rm(copy);
    await expect(restoreNvram(copy, path)).rejects.toMatchObject({
      code: 'state-unwritable',
      message: expect.stringContaining('ENOENT'),
      hint: expect.stringContaining(copy),
    });
    expect(await readFile(path, 'utf8')).toBe('as they are');
    expect(await readdir(folder)).toEqual(['g_VARS.fd']);
  });

  it('because their folder is gone are an error that names them', async () => {
    await rm(folder, { recursive: true });
    await expect(restoreNvram(copy, path)).rejects.toMatchObject({
      code: 'state-unwritable',
      message: `Could not put the UEFI variables back to ${path}: ENOENT.`,
    });
  });

  it('because a folder has their name are an error with the words of cp', async () => {
    await mkdir(path);
    await expect(restoreNvram(copy, path)).rejects.toMatchObject({
      code: 'state-unwritable',
      message: expect.stringContaining('cp: -r not specified; omitting directory'),
    });
    expect(await readdir(folder)).toEqual(['g_VARS.fd']);
  });
});
