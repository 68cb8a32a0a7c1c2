import { mkdir, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { type GuestJson, type ProgramOptions, virtioize, virtioizeJson } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { deadSocketFolders } from '../testbed/appliance-sockets.ts';
import type { DiskFormat } from '../testbed/disk-image.ts';
import { buildGuestImage, type GuestRecipe } from '../testbed/guest-image.ts';
import { applianceEnvironment } from '../testbed/guest-kernel.ts';
import { guestXml } from '../testbed/guest-xml.ts';
import { until } from '../until.ts';

const PEAK_MEMORY = fileURLToPath(new URL('../faults/peak-memory.js', import.meta.url));
const ESCAPES = '\u001b[31mred\u001b[0m\u009b2J\u0007\u202e';

let host: TestHost;
let program: ProgramOptions;
const begun = new Date();
let peakFile: string;
let temporary: string;
let guests: readonly GuestJson[];
let text: string;

/** Each guest is ready but for one thing; a disk that is believed to be what it seems would be proven. */
const RECIPES: Readonly<Record<string, Partial<GuestRecipe>>> = {
  'links-in-circles': {
    async alterRoot(root, initramfs) {
      await rm(initramfs);
      await symlink('loop-b', join(root, 'boot/loop-a'));
      await symlink('loop-a', join(root, 'boot/loop-b'));
      await symlink('loop-a', initramfs);
      await symlink('..', join(root, 'boot/grub/up'));
    },
  },
  'gigabyte-fstab': {
    async alterRoot(root) {
      await truncate(join(root, 'etc/fstab'), 1024 ** 3);
      await execa('mkfifo', [join(root, 'etc/crypttab')]);
    },
  },
  bomb: {
    async alterRoot(_, initramfs) {
      await writeFile(initramfs, await makeBomb());
    },
  },
  names: {
    extraFiles: {
      '/etc/os-release': `ID=debian\nPRETTY_NAME="Debian ${ESCAPES}"\n`,
      [`/boot/vmlinuz-\n${ESCAPES}`]: 'x',
    },
    fstab: [`/dev/sda2 /data${ESCAPES} ext4 defaults 0 2`, '# \u001b]0;title\u0007'],
    kernelArgs: `quiet${ESCAPES} root=/dev/sda1${ESCAPES}`,
  },
};

beforeAll(async () => {
  host = await createTestHost();
  peakFile = join(host.folder, 'peak');
  temporary = join(host.folder, 'tmp');
  await mkdir(temporary);
  program = {
    ...host.program,
    libguestfs: true,
    timeoutMs: 900_000, // an inspection may take 4 min, and there are six, two at a time
    env: {
      ...host.program.env,
      PEAK_MEMORY_FILE: peakFile,
      TMPDIR: temporary,
      LIBGUESTFS_CACHEDIR: '/var/tmp',
      ...applianceEnvironment(),
    },
    nodeOptions: ['--import', PEAK_MEMORY],
  };
  const secret = await buildImage('secret', 'qcow2', {});
  for (const [name, recipe] of Object.entries(RECIPES))
    await define(name, await buildImage(name, 'qcow2', recipe), 'qcow2');
  await define('raw-trap', await makeRawTrap(secret), 'raw');
  await define('chain-trap', await makeChainTrap(join(host.folder, 'raw-trap.img')), 'qcow2');
  const words = ['preflight', '--all', '--jobs', '2'];
  guests = (await virtioizeJson(words, program)).document.guests;
  text = (await virtioize(words, program)).stdout;
}, 2_400_000);

afterAll(async () => host.dispose());

describe('a disk that attacks whoever looks into it', () => {
  it.each(['links-in-circles', 'gigabyte-fstab', 'bomb', 'names', 'raw-trap', 'chain-trap'])(
    'is not believed: %s',
    (name) => {
      const guest = guests.find((one) => one.name === name);
      expect(guest?.outcome).toBe('refused');
      expect(guest?.evidence[0]?.summary).not.toBe('');
    },
  );

  it.each([
    ['links-in-circles', 'unknown', /symbolic links/],
    ['bomb', 'unknown', /more padding|unpacks to more/],
    ['raw-trap', 'unknown', /No system/],
    ['chain-trap', 'unknown', /does not record the format/],
  ])('is unknown where that is so: %s', (name, verdict, reason) => {
    expect(guests.find((one) => one.name === name)?.evidence).toMatchObject([
      { source: 'offline', verdict, summary: expect.stringMatching(reason) },
    ]);
  });

  it('can not hide what its fstab names behind its length', () => {
    const guest = guests.find(({ name }) => name === 'gigabyte-fstab');
    expect(guest?.refusals).toMatchObject([
      { code: 'device-names', message: expect.stringContaining('/etc/fstab is larger than') },
      { code: 'device-names', message: expect.stringContaining('/etc/crypttab is no file') },
    ]);
  });

  it('sends nothing to the terminal but text', () => {
    expect(text).toContain('names');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  });

  it('costs the program no more memory than a usual one', async () => {
    expect(Number(await readFile(peakFile, 'utf8'))).toBeLessThan(450 * 1024);
  });

  it('leaves nothing behind', async () => {
    expect(await readdir(temporary)).toEqual([]);
    await until('no sockets of an appliance are left', async () => (await deadSocketFolders(begun)).length === 0);
  });
});

async function buildImage(name: string, format: DiskFormat, recipe: Partial<GuestRecipe>): Promise<string> {
  const path = join(host.folder, `${name}.${format}`);
  await buildGuestImage({ path, format, virtioBlk: true, agent: false, ...recipe });
  return path;
}

async function define(name: string, path: string, format: DiskFormat): Promise<void> {
  const disks = [{ path, format, bus: 'ide', target: 'hda' } as const];
  await host.root.define(guestXml({ name, machine: 'pc', disks }));
}

/** What a guest can write to its raw disk: the head of a qcow2 that names a file of the host's. */
async function makeRawTrap(file: string): Promise<string> {
  const path = join(host.folder, 'raw-trap.img');
  await execa('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', file, path]);
  await truncate(path, 8 * 1024 * 1024);
  return path;
}

/** A qcow2 that stands on that disk, and does not say that it is raw. */
async function makeChainTrap(trap: string): Promise<string> {
  const path = join(host.folder, 'chain-trap.qcow2');
  const draft = `${path}.draft`;
  await execa('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', trap, draft]);
  const image = await readFile(draft);
  const extension = image.indexOf(Buffer.from('e2792aca', 'hex'));
  if (extension < 0) throw new Error('the image does not record the format in the way that is known');
  image.writeUInt32BE(0x7f7f7f7f, extension); // an extension that nobody knows
  await writeFile(draft, image);
  await rename(draft, path);
  return path;
}

/** A few MiB that unpack to many GiB: each layer of zeros is a gzip of its own, and gzip reads one after another. */
async function makeBomb(): Promise<Buffer> {
  const layer = await promisify(gzip)(Buffer.alloc(256 * 1024 * 1024), { level: 9 });
  return Buffer.concat(Array.from({ length: 40 }, () => layer));
}
