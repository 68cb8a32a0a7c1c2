import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GuestfsError } from '../../../../src/guestfs/guestfs-error.ts';
import { type GuestFiles, readHead, readText, UnreadableError } from '../../../../src/preflight/guest-files.ts';
import { offlineFiles } from '../../../../src/preflight/offline/offline-files.ts';
import { type FakeEntry, fakeGuestfish } from './fake-guestfish.ts';

const MIB = 1024 * 1024;

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'virtioize-test-'));
});
afterAll(async () => rm(scratch, { recursive: true }));

describe('a file on a disk (a recorded fake of libguestfs)', () => {
  it('is read, and leaves nothing behind', async () => {
    expect(await readText(files({ '/etc/fstab': 'hello' }), '/etc/fstab')).toBe('hello');
    expect(await readdir(scratch)).toEqual([]);
  });

  it('of many chunks comes in the right order', async () => {
    const content = Buffer.alloc(40 * MIB, 'some words').fill('end', 40 * MIB - 3);
    const parts: Buffer[] = [];
    for await (const chunk of (await files({ '/big': content }).open('/big')) ?? []) parts.push(chunk);
    expect(parts.length).toBeGreaterThan(2);
    expect(Buffer.concat(parts).equals(content)).toBe(true);
  });

  it('is read no further than is asked for', async () => {
    const fish = fakeGuestfish({ '/big': Buffer.alloc(40 * MIB) });
    await readHead(offlineFiles(fish, { scratch, ignoresCase: false }), '/big', 16);
    expect(fish.asked.filter((command) => command.startsWith('download'))).toHaveLength(1);
  });

  it('that is not there is undefined, also where a folder on the way is a file', async () => {
    expect(await files({}).open('/nothing')).toBeUndefined();
    expect(await files({ '/a/b': { error: 'statns: /a/b: Not a directory' } }).open('/a/b')).toBeUndefined();
    expect(await files({}).list('/nothing')).toBeUndefined();
    expect(await files({ '/file': 'x' }).list('/file')).toBeUndefined();
  });

  it('whose name holds a NUL is none: a guest may write anything where a name is read', async () => {
    for (const ignoresCase of [false, true]) {
      expect(await files({}, ignoresCase).open('/boot/vmlinuz\0')).toBeUndefined();
      expect(await files({}, ignoresCase).list('/boot\0')).toBeUndefined();
    }
  });

  it.each<[string, FakeEntry]>([
    ['a pipe, which would never end', 'FIFO'],
    ['a folder', ['a']],
    ['a loop of links', { error: 'statns: /x: Too many levels of symbolic links' }],
    ['on a damaged disk', { error: 'statns: /x: Input/output error' }],
  ])('that is %s can not be read, which is not that it is not there', async (_, entry) => {
    await expect(files({ '/x': entry }).open('/x')).rejects.toThrow(UnreadableError);
  });

  it('of more than may be read in all is given up', async () => {
    const fish = fakeGuestfish({ '/big': Buffer.alloc(10 * MIB) });
    const many = offlineFiles(fish, { scratch, ignoresCase: false, maxBytes: 35 * MIB });
    const readAll = async () => {
      for (let round = 0; round < 4; round += 1) for await (const _ of (await many.open('/big')) ?? []);
    };
    await expect(readAll()).rejects.toThrow('more to read than any system needs');
  });

  it('is none where the appliance is gone: that is no word of the guest', async () => {
    const gone = files({ '/x': { error: 'libguestfs ended', kind: 'ended' } });
    await expect(gone.open('/x')).rejects.toThrow(GuestfsError);
  });

  it('is found in any case where the system ignores it', async () => {
    const windows = files({ '/Windows/System32/drivers/viostor.sys': 'MZ' }, true);
    expect(await readText(windows, '/windows/SYSTEM32/drivers/VIOSTOR.SYS')).toBe('MZ');
    expect(await windows.open('/windows/nothing')).toBeUndefined();
  });
});

describe('a folder on a disk (a recorded fake of libguestfs)', () => {
  it('has its names, whatever they hold', async () => {
    expect(await files({ '/boot': ['a b', 'c\nd', 'ü'] }).list('/boot')).toEqual(['a b', 'c\nd', 'ü']);
    expect(await readdir(scratch)).toEqual([]);
  });
});

function files(entries: Readonly<Record<string, FakeEntry>>, ignoresCase = false): GuestFiles {
  return offlineFiles(fakeGuestfish(entries), { scratch, ignoresCase });
}
