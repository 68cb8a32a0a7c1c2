import { createHash } from 'node:crypto';
import { describe, expect, it, jest } from '@jest/globals';
import { UnreadableError } from '../../../../src/preflight/guest-files.ts';
import { readInitramfs } from '../../../../src/preflight/linux/initramfs.ts';
import { type ArchiveEntry, newcArchive } from '../../../testbed/newc-archive.ts';
import { chunked } from '../memory-files.ts';
import { COMPRESSIONS, compress, microcode, moduleEntries, plainImage, VIRTIO } from './make-initramfs.ts';

jest.setTimeout(30_000); // a busy machine takes its time to unpack a gigabyte

const version = '6.1.0-13-amd64';
const withDriver = plainImage(moduleEntries(version, VIRTIO));
const compressions = Object.keys(COMPRESSIONS) as (keyof typeof COMPRESSIONS)[];

describe('the modules of an initramfs', () => {
  it.each(compressions)('are found in one that %s has compressed', async (how) => {
    expect(await modulesOf(await compress(withDriver, how))).toEqual({ [version]: VIRTIO });
  });

  it.each(compressions)('are found behind microcode and padding, compressed with %s', async (how) => {
    const image = Buffer.concat([microcode(), Buffer.alloc(2048), await compress(withDriver, how)]);
    expect(await modulesOf(image)).toEqual({ [version]: VIRTIO });
  });

  it('are found in one that is not compressed', async () => {
    expect(await modulesOf(withDriver)).toEqual({ [version]: VIRTIO });
  });

  it('are found in plain archives before the compressed one, as Ubuntu lays it out', async () => {
    const modules = plainImage(moduleEntries(version, VIRTIO, { ending: '.ko.zst' }));
    const image = Buffer.concat([microcode(), modules, await compress(plainImage([]), 'zstd')]);
    expect(await modulesOf(image)).toEqual({ [version]: VIRTIO });
  });

  it.each([
    ['lib/modules', '.ko'],
    ['./usr/lib/modules', '.ko'],
    ['/lib/modules', '.ko.gz'],
    ['usr/lib/modules', '.ko.xz'],
    ['usr/lib/modules', '.ko.zst'],
  ])('are found under %s with the ending %s', async (root, ending) => {
    expect(await modulesOf(plainImage(moduleEntries(version, VIRTIO, { root, ending })))).toEqual({
      [version]: VIRTIO,
    });
  });

  it('are the same with hyphens', async () => {
    expect(await modulesOf(plainImage(moduleEntries(version, ['virtio-blk'])))).toEqual({ [version]: ['virtio_blk'] });
  });

  it('are told apart by their kernels', async () => {
    const image = plainImage([...moduleEntries('5.10.0', ['virtio_blk']), ...moduleEntries('6.1.0', ['ahci'])]);
    expect(await modulesOf(image)).toEqual({ '5.10.0': ['virtio_blk'], '6.1.0': ['ahci'] });
  });

  it.each([
    ['an empty file', file('virtio_blk.ko', '')],
    ['a link', { type: 'link', path: `usr/lib/modules/${version}/virtio_blk.ko`, target: '/gone' } as const],
    ['a folder', { type: 'folder', path: `usr/lib/modules/${version}/virtio_blk.ko` } as const],
    ['something that only sounds like it', file('virtio_blk.ko.bak', 'x')],
    ['something of another name', file('not_virtio_blk.ko', 'x')],
    ['a module in no folder of a kernel', { type: 'file', path: 'root/virtio_blk.ko', content: 'x' } as const],
  ])('are not there as %s', async (_, entry) => {
    expect(Object.values(await modulesOf(plainImage([entry]))).flat()).not.toContain('virtio_blk');
  });

  function file(name: string, content: string): ArchiveEntry {
    return { type: 'file', path: `usr/lib/modules/${version}/kernel/${name}`, content };
  }
});

describe('what else an initramfs says', () => {
  it('are the devices that it waits for', async () => {
    const hooks = 'usr/lib/dracut/hooks/initqueue/finished';
    const image = plainImage([
      { type: 'file', path: `${hooks}/devexists-\\x2fdev\\x2fdisk\\x2fby-id\\x2fata-QEMU.sh`, content: 'x' },
      { type: 'file', path: `${hooks}/devexists-\\x2fdev\\x2fmapper\\x2fvg-root.sh`, content: 'x' },
      { type: 'file', path: `${hooks}/wait-network.sh`, content: 'x' },
    ]);
    expect((await read(image)).deviceHooks).toEqual(['/dev/disk/by-id/ata-QEMU', '/dev/mapper/vg-root']);
  });

  it('are the kernel arguments that it adds, and what modprobe is told', async () => {
    const image = plainImage([
      { type: 'file', path: 'etc/cmdline.d/95root-dev.conf', content: 'root=/dev/sda2\n' },
      { type: 'file', path: 'etc/cmdline', content: 'rd.md=0' },
      { type: 'file', path: 'etc/modprobe.d/own.conf', content: 'blacklist virtio_blk' },
      { type: 'file', path: `usr/lib/modules/${version}/modules.dep`, content: 'a.ko:' },
      { type: 'file', path: 'etc/passwd', content: 'root' },
    ]);
    expect(await read(image)).toMatchObject({
      extraArguments: new Map([
        ['etc/cmdline.d/95root-dev.conf', 'root=/dev/sda2\n'],
        ['etc/cmdline', 'rd.md=0'],
      ]),
      modprobeFiles: ['blacklist virtio_blk'],
      indexes: new Map([[`${version}/modules.dep`, 'a.ko:']]),
    });
  });

  it("are copies of the system's files that may name disks, by their names in the system", async () => {
    const image = plainImage([
      { type: 'file', path: 'etc/lvm/lvm.conf', content: 'filter' },
      { type: 'file', path: './etc/mdadm/mdadm.conf', content: 'DEVICE' },
      { type: 'file', path: 'cryptroot/crypttab', content: 'data' },
      { type: 'file', path: 'root/etc/fstab', content: 'x' },
    ]);
    expect((await read(image)).copies).toEqual(
      new Map([
        ['/etc/lvm/lvm.conf', 'filter'],
        ['/etc/mdadm/mdadm.conf', 'DEVICE'],
        ['/etc/crypttab', 'data'],
      ]),
    );
  });

  it('are modules in no folder of a kernel', async () => {
    const image = plainImage([{ type: 'file', path: 'lib/virtio_blk.ko', content: 'x' }]);
    expect(await read(image)).toMatchObject({ modules: new Map(), looseModules: new Set(['virtio_blk']) });
  });

  it.each([
    ['dracut', 'usr/lib/dracut-lib.sh'],
    ['dracut', 'usr/lib/dracut/hooks'],
    ['dracut', 'dracut-004-409.el6'],
    ['initramfs-tools', 'conf/initramfs.conf'],
    ['mkinitcpio', 'init_functions'],
    ['mkinitfs', 'sbin/nlplug-findfs'],
    ['genkernel', 'etc/initrd.scripts'],
    ['mkinitrd', 'run_all.sh'],
    ['booster', 'etc/booster.init.yaml'],
    [undefined, 'etc/nothing'],
  ])('is what made it: %s by %s', async (maker, path) => {
    expect((await read(plainImage([{ type: 'file', path, content: 'x' }]))).maker).toBe(maker);
  });

  it('is nothing where it is empty', async () => {
    expect(await read(Buffer.alloc(0))).toMatchObject({ modules: new Map(), deviceHooks: [] });
  });
});

describe('an initramfs that can not be read', () => {
  it.each(['squashfs-root.img', './squash-root.img', 'erofs-root.img'])(
    'is one with an image inside: %s',
    async (path) => {
      const image = plainImage([{ type: 'file', path, content: 'hsqs' }]);
      await expect(read(image)).rejects.toThrow('an image of their own');
    },
  );

  it.each(compressions)('is one that %s compressed and that was cut', async (how) => {
    const image = await compress(plainImage([...moduleEntries(version, VIRTIO), noise(200_000)]), how);
    await expect(read(image.subarray(0, image.length / 2))).rejects.toThrow(UnreadableError);
  });

  it.each(compressions)('is one that %s compressed and that was overwritten', async (how) => {
    const image = await compress(plainImage([...moduleEntries(version, VIRTIO), noise(200_000)]), how);
    image.fill(0, Math.floor(image.length / 2));
    await expect(read(image)).rejects.toThrow(UnreadableError);
  });

  it.each([
    ['a plain archive that was cut', withDriver.subarray(0, withDriver.length / 2)],
    [
      'of an unknown compression',
      Buffer.from('\x04\x22\x4d\x18 an lz4 frame, which the kernel does not know', 'latin1'),
    ],
    ['a web page', Buffer.from('<html>404</html>')],
    ['shorter than any magic number', Buffer.from([0x1f])],
  ])('is %s', async (_, image) => {
    await expect(read(image)).rejects.toThrow(UnreadableError);
  });

  it('is one that is compressed twice, or forever: it is unpacked once, as by the kernel', async () => {
    const twice = await compress(await compress(withDriver, 'gzip'), 'gzip');
    await expect(read(twice)).rejects.toThrow('what it unpacks to is no cpio archive');
  });

  it('is one whose program is not installed here', async () => {
    const path = process.env.PATH;
    const image = await compress(withDriver, 'zstd');
    process.env.PATH = '/nonexistent';
    try {
      await expect(read(image)).rejects.toThrow('zstd is not installed here');
    } finally {
      process.env.PATH = path;
    }
  });

  it('is one whose source breaks off, and that is what it says', async () => {
    async function* breaking(): AsyncGenerator<Buffer> {
      yield (await compress(plainImage([noise(200_000)]), 'xz')).subarray(0, 1000);
      throw new UnreadableError('reading took too long');
    }
    await expect(readInitramfs(breaking())).rejects.toThrow('reading took too long');
  });

  it.each([
    ['damaged', () => Buffer.concat([withDriver.subarray(0, 200), Buffer.alloc(500_000, 1)])],
    ['of an unknown compression', () => Buffer.alloc(500_000, 9)],
    ['damaged inside its compression', () => Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(500_000, 1)])],
  ])('is let go of at once where it is %s, so that no file stays open in the guest', async (_, image) => {
    let isOpen = true;
    async function* opened(): AsyncGenerator<Buffer> {
      try {
        yield* chunked(image());
      } finally {
        isOpen = false;
      }
    }
    await expect(readInitramfs(opened())).rejects.toThrow(UnreadableError);
    expect(isOpen).toBe(false);
  });
});

describe('an initramfs made to harm', () => {
  it.each(['gzip', 'zstd', 'lz4'] as const)('is not unpacked without end (%s)', async (how) => {
    await expect(read(await bombOf(how))).rejects.toThrow('it has more padding than any initramfs has');
  });

  it('is not unpacked without end where its zeros are the data of a file', async () => {
    await expect(read(await hugeFile())).rejects.toThrow('it unpacks to more than any initramfs has');
  });

  it('is not read without end where it is all padding', async () => {
    async function* zeros(): AsyncGenerator<Buffer> {
      for (;;) yield Buffer.alloc(MEBIBYTE);
    }
    await expect(readInitramfs(zeros())).rejects.toThrow('it has more padding than any initramfs has');
  });

  it('is not read to its ten-millionth member', async () => {
    const one = newcArchive([{ type: 'file', path: 'usr/lib/modules/6.1/a.ko', content: 'x' }]);
    const member = one.subarray(0, one.indexOf('070701', 6));
    let given = 0;
    async function* members(): AsyncGenerator<Buffer> {
      const thousand = Buffer.concat(Array.from({ length: 1000 }, () => member));
      for (; given < 10_000; given++) yield thousand;
    }
    await expect(readInitramfs(members())).rejects.toThrow('it has more files than any initramfs has');
    expect(given).toBeLessThan(200);
  });

  it.each([
    ['configuration', many(200, (n) => ({ path: `etc/cmdline.d/${n}.conf`, content: Buffer.alloc(60_000, 'a ') }))],
    ['one file of configuration', many(1, () => ({ path: 'etc/modprobe.d/a.conf', content: Buffer.alloc(9_000_000) }))],
    ['hooks', many(2000, (n) => ({ path: `x/hooks/initqueue/finished/devexists-${n}.sh`, content: '' }))],
  ])('is not kept in memory beyond reason: %s', async (_, entries) => {
    await expect(read(newcArchive(entries))).rejects.toThrow(/more \w+ than any initramfs/);
  });

  it('may have names as long as it likes', async () => {
    const long = 'x'.repeat(4000);
    const names = [
      `lib/modules/${long}/a.ko`,
      `lib/modules/6.1/${long}.ko`,
      `lib/modules/6.1/${'a/'.repeat(2000)}b.ko`,
    ];
    const image = newcArchive(names.map((path) => ({ type: 'file', path, content: 'x' })));
    expect(await modulesOf(image)).toEqual({ '6.1': ['b'] });
  });

  it('may have names that take a careless pattern forever', async () => {
    const names = Array.from({ length: 2000 }, (_, n) => `lib/modules/${n}/${'a.ko.'.repeat(700)}`);
    const image = newcArchive(names.map((path) => ({ type: 'file', path, content: 'x' })));
    const started = performance.now();
    expect(await modulesOf(image)).toEqual({});
    expect(performance.now() - started).toBeLessThan(3000);
  });

  it('may have control characters in its names', async () => {
    const image = plainImage([
      ...moduleEntries('6.1\x1b[31m', ['virtio_blk']),
      { type: 'file', path: 'a/hooks/initqueue/finished/devexists-\\x2fdev\\x0asda.sh', content: '' },
    ]);
    expect(await read(image)).toMatchObject({ modules: new Map(), deviceHooks: ['/dev\nsda'] });
  });
});

const MEBIBYTE = 1024 * 1024;

async function read(image: Buffer) {
  return readInitramfs(chunked(image));
}

async function modulesOf(image: Buffer): Promise<Record<string, string[]>> {
  const { modules } = await read(image);
  return Object.fromEntries([...modules].map(([kernel, names]) => [kernel, [...names]]));
}

/** Data that does not compress, the same in every run. */
function noise(length: number): ArchiveEntry {
  const content = createHash('shake256', { outputLength: length }).update('noise').digest();
  return { type: 'file', path: 'noise', content };
}

function many(count: number, make: (n: number) => { path: string; content: Buffer | string }): ArchiveEntry[] {
  return Array.from({ length: count }, (_, n) => ({ type: 'file', ...make(n) }));
}

/** 20 MiB of zeros. */
function bombOf(how: keyof typeof COMPRESSIONS): Promise<Buffer> {
  return compress(Buffer.alloc(20 * MEBIBYTE), how);
}

/** A file of 4 GiB, of which there is one: zstd takes frames one after the other for one stream. */
async function hugeFile(): Promise<Buffer> {
  const head = Buffer.from(newcArchive([{ type: 'file', path: 'big', content: '' }]).subarray(0, 116));
  head.write('ffffffff', 54);
  const zeros = await bombOf('zstd');
  return Buffer.concat([await compress(head, 'zstd'), ...Array.from({ length: 60 }, () => zeros)]);
}
