import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { createByteReader } from '../../../../src/preflight/linux/byte-reader.ts';
import { CpioError, isCpio, readCpio } from '../../../../src/preflight/linux/cpio.ts';
import { newcArchive } from '../../../testbed/newc-archive.ts';
import { chunked } from '../memory-files.ts';

describe('a cpio archive', () => {
  it('is listed as cpio(1) writes it, with checksums or without', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'virtioize-cpio-'));
    try {
      await mkdir(join(folder, 'etc'));
      await writeFile(join(folder, 'etc/empty'), '');
      await writeFile(join(folder, 'etc/näme with blanks'), 'some text');
      await symlink('etc/empty', join(folder, 'link'));
      for (const format of ['newc', 'crc']) {
        const archive = await makeWithCpio(folder, format);
        expect((await list(archive)).sort(byName)).toEqual([
          { name: 'etc', size: 0, isFile: false },
          { name: 'etc/empty', size: 0, isFile: true },
          { name: Buffer.from('etc/näme with blanks').toString('latin1'), size: 9, isFile: true },
          { name: 'link', size: 9, isFile: false },
        ]);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('gives the data that is asked for, and passes over the rest', async () => {
    const archive = newcArchive([
      { type: 'file', path: 'big', content: Buffer.alloc(300_001, 1) },
      { type: 'file', path: 'wanted', content: 'text' },
      { type: 'file', path: 'other', content: 'x' },
    ]);
    const members = [];
    for await (const member of readCpio(readerOf(archive), ({ name }) => name === 'wanted')) members.push(member);
    expect(members.map(({ data }) => data?.toString())).toEqual([undefined, 'text', undefined]);
  });

  it('ends with its trailer: what follows is left to the next reader', async () => {
    const reader = readerOf(Buffer.concat([newcArchive([]), Buffer.from('rest')]));
    for await (const member of readCpio(reader, () => false)) expect(member).toBeUndefined();
    expect((await reader.take(99)).toString('latin1').replace(/^\0*/, '')).toBe('rest');
  });

  it('is known by its first bytes', () => {
    expect(isCpio(Buffer.from('070701'))).toBe(true);
    expect(isCpio(Buffer.from('070702'))).toBe(true);
    expect(isCpio(Buffer.from('070707'))).toBe(false);
    expect(isCpio(Buffer.from('0707'))).toBe(false);
  });

  const whole = newcArchive([{ type: 'file', path: 'a', content: 'data' }]);

  it.each([
    ['cut in a head', whole.subarray(0, 60)],
    ['cut in a name', whole.subarray(0, 111)],
    ['cut in the data', whole.subarray(0, 114)],
    ['without a trailer', whole.subarray(0, 120)],
    ['with letters for numbers', withField(54, 'zzzzzzzz')],
    ['with a size in words', withField(54, '-0000001')],
    ['with a name longer than any path', withField(94, 'ffffffff')],
    [
      'of another format from its second member on',
      Buffer.from(whole.toString('latin1').replace(/(?<=.)070701/s, '070707'), 'latin1'),
    ],
    ['that is nothing of the kind', Buffer.alloc(200, 'x')],
  ])('is refused %s', async (_, archive) => {
    await expect(list(archive)).rejects.toThrow(CpioError);
  });

  it('may claim a size of 4 GiB: no more is read than is there', async () => {
    await expect(list(withField(54, 'ffffffff'))).rejects.toThrow(CpioError);
  });

  function withField(offset: number, digits: string): Buffer {
    const changed = Buffer.from(whole);
    changed.write(digits, offset, 'latin1');
    return changed;
  }
});

function readerOf(archive: Buffer) {
  return createByteReader(chunked(archive, 1009));
}

async function list(archive: Buffer) {
  const members = [];
  for await (const { name, size, isFile } of readCpio(readerOf(archive), () => false))
    members.push({ name, size, isFile });
  return members;
}

async function makeWithCpio(folder: string, format: string): Promise<Buffer> {
  const input = 'etc\netc/empty\netc/näme with blanks\nlink\n';
  const { stdout } = await execa('cpio', ['--quiet', '-o', '-H', format], {
    cwd: folder,
    input,
    encoding: 'buffer',
    cleanup: false,
  });
  return Buffer.from(stdout);
}

function byName(one: { name: string }, other: { name: string }): number {
  return one.name < other.name ? -1 : 1;
}
