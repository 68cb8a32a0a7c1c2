import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { changeFiles, readRecord } from '../../../src/store/change-files.ts';
import { writeDurably } from '../../../src/store/durable-file.ts';
import { readGuestRecords } from '../../../src/store/past-records.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtioize-record-'));
});

afterEach(async () => rm(folder, { recursive: true }));

describe('a record', () => {
  it('that was never written is undefined, and no guest has any', async () => {
    expect(await readRecord(changeFiles(folder, 'uuid', 'id'))).toBeUndefined();
    expect(await readGuestRecords(folder, 'uuid')).toEqual([]);
  });

  it.each(['', '{', '{"formatVersion":2}', '[]'])(
    'that is damaged is an error that says how to undo by hand: %j',
    async (text) => {
      const files = changeFiles(folder, 'uuid', 'id');
      await mkdir(files.folder, { recursive: true });
      await writeFile(files.record, text);
      await expect(readRecord(files)).rejects.toMatchObject({
        code: 'record-unreadable',
        hint: expect.stringContaining(`virsh define ${files.before}`),
      });
    },
  );
});

describe('a durable file', () => {
  it('is readable by its owner alone', async () => {
    const file = join(folder, 'secret');
    await writeDurably(file, 'x');
    expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600');
  });

  it('in a folder that is not there is an error that names the file and the way out', async () => {
    const file = join(folder, 'missing', 'file');
    await expect(writeDurably(file, 'x')).rejects.toMatchObject({
      code: 'state-unwritable',
      message: expect.stringContaining(dirname(file)),
      hint: expect.stringContaining('--state-dir'),
    });
  });
});
