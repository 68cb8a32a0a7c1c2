import { chmod, mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { startGuestfish } from '../../src/guestfs/guestfish.ts';
import { readChain } from '../../src/guestfs/image-chain.ts';
import { makeOverlay } from '../../src/guestfs/overlay.ts';
import { virtioizeJson } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { guestXml } from '../testbed/guest-xml.ts';
import { until } from '../until.ts';

let host: TestHost;
let disk: string;
const PATH = process.env.PATH;

beforeAll(async () => {
  host = await createTestHost();
  disk = join(host.folder, 'disk.qcow2');
  await execa('qemu-img', ['create', '-q', '-f', 'qcow2', disk, '8M']);
  const disks = [{ path: disk, format: 'qcow2', bus: 'ide', target: 'hda' } as const];
  await host.root.define(guestXml({ name: 'guest', machine: 'pc', disks }));
});

afterAll(async () => {
  process.env.PATH = PATH;
  await host.dispose();
});

describe('where libguestfs can not be used', () => {
  it('a guest is unknown, and the hint says what to install', async () => {
    const { document } = await virtioizeJson(['preflight', 'guest'], host.program);
    expect(document.guests).toMatchObject([
      {
        refusals: [{ code: 'no-driver-evidence', hint: expect.stringContaining('libguestfs-tools') }],
        evidence: [{ verdict: 'unknown', summary: expect.stringContaining('guestfish (libguestfs) is not installed') }],
      },
    ]);
  });

  it('it is unknown where guestfish dies (a fake that does)', async () => {
    const { document } = await virtioizeJson(
      ['preflight', 'guest'],
      await withFake('echo "supermin: no kernel" >&2; exit 1'),
    );
    expect(document.guests).toMatchObject([
      {
        refusals: [{ code: 'no-driver-evidence', hint: expect.stringContaining('libguestfs-test-tool') }],
        evidence: [{ verdict: 'unknown', summary: expect.stringContaining('supermin: no kernel') }],
      },
    ]);
  });

  it('a libguestfs that hangs is ended in time, with all that it started (a fake that does)', async () => {
    const pidFile = join(host.folder, 'pid');
    const { env } = await withFake(`sleep 1000 & echo $! > ${pidFile}; wait`);
    process.env.PATH = env?.PATH;
    const options = { overlays: [], scratch: host.folder, emulates: true, interrupted: new AbortController().signal };
    const fish = startGuestfish({ ...options, timeoutSeconds: 1 });
    await expect(fish.ask('run')).rejects.toMatchObject({ kind: 'timeout' });
    await fish.close();
    process.env.PATH = PATH;
    const { stdout: pid } = await execa('cat', [pidFile]);
    await until('what it started is gone', () => Promise.resolve(!isAlive(Number(pid))));
  });

  it.each(['before', 'after'])('an interrupt %s its start ends it at once (a fake that hangs)', async (when) => {
    const { env } = await withFake('sleep 1000');
    process.env.PATH = env?.PATH;
    const controller = new AbortController();
    if (when === 'before') controller.abort();
    const options = { overlays: [], scratch: host.folder, emulates: true, interrupted: controller.signal };
    const fish = startGuestfish({ ...options, timeoutSeconds: 600 });
    const asked = fish.ask('run');
    controller.abort();
    await expect(asked).rejects.toMatchObject({ kind: 'interrupted' });
    await fish.close();
    process.env.PATH = PATH;
  });

  it('more than any guest has to say is not listened to (a fake that does not stop)', async () => {
    const { env } = await withFake('yes');
    process.env.PATH = env?.PATH;
    const options = { overlays: [], scratch: host.folder, emulates: true, interrupted: new AbortController().signal };
    const fish = startGuestfish({ ...options, timeoutSeconds: 600 });
    await expect(fish.ask('run')).rejects.toThrow('says more than any guest has');
    await fish.close();
    process.env.PATH = PATH;
  });

  it('leaves nothing behind', async () => {
    expect((await readdir(tmpdir())).filter((name) => name.startsWith(`virtioize-inspect-${process.pid}-`))).toEqual(
      [],
    );
  });
});

describe('the chain of a disk', () => {
  it('is followed by the formats that it records, and an overlay shows what the disk shows', async () => {
    const [base, middle, top, overlay] = ['base.raw', 'middle.qcow2', 'top.qcow2', 'over.qcow2'].map((name) =>
      join(host.folder, name),
    ) as [string, string, string, string];
    await writeFile(base, Buffer.alloc(1024 * 1024, 'hello '));
    await execa('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', 'base.raw', middle]);
    await execa('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', 'middle.qcow2', top]);
    const chain = await readChain({ path: top, format: 'qcow2' });
    expect(chain.map(({ path, format }) => [path, format])).toEqual([
      [top, 'qcow2'],
      [middle, 'qcow2'],
      [base, 'raw'],
    ]);
    await makeOverlay(chain, overlay);
    const copy = join(host.folder, 'copy.raw');
    await execa('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', overlay, copy]);
    await execa('cmp', [base, copy]);
  });

  it('changes its identity with any image of it', async () => {
    const identity = async () => (await readChain({ path: disk, format: 'qcow2' })).map((link) => link.identity).join();
    const before = await identity();
    expect(await identity()).toBe(before);
    await execa('qemu-io', ['-f', 'qcow2', '-c', 'write 0 64k', disk]);
    expect(await identity()).not.toBe(before);
  });

  it('of a raw disk ends there, whatever the guest has written to it', async () => {
    const trap = join(host.folder, 'trap.raw');
    await execa('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', disk, trap]);
    expect((await readChain({ path: trap, format: 'raw' })).map(({ path }) => path)).toEqual([trap]);
  });

  it.each<[string, string[], RegExp]>([
    ['keeps its data elsewhere', ['-o', 'data_file=other.raw', 'x.qcow2', '1M'], /keeps its data in another file/],
    [
      'stands on no file',
      ['-u', '-F', 'raw', '-b', 'nbd://localhost/x', 'x.qcow2', '1M'],
      /stands on an image that is no file/,
    ],
    [
      'is encrypted',
      ['--object', 'secret,id=s,data=x', '-o', 'encrypt.format=aes,encrypt.key-secret=s', 'x.qcow2', '1M'],
      /is encrypted/,
    ],
  ])('that %s is not inspected', async (name, words, reason) => {
    const folder = join(host.folder, name.replaceAll(' ', '-'));
    await mkdir(folder);
    await execa('qemu-img', ['create', '-q', '-f', 'qcow2', ...words], { cwd: folder });
    await expect(readChain({ path: join(folder, 'x.qcow2'), format: 'qcow2' })).rejects.toThrow(reason);
  });

  it.each([
    ['is gone', '/nowhere/disk', 'raw', /ENOENT/],
    ['is a folder', '/tmp', 'raw', /neither a file nor a block device/],
    ['may name other files as its parts', '/etc/hostname', 'vmdk', /'vmdk' are not inspected/],
    ['is of a kind that nobody knows', '/etc/hostname', 'luks', /'luks' are not inspected/],
    ['is not what it is said to be', '/etc/hostname', 'qcow2', /not in qcow2 format/],
  ])('that %s can not be read', async (_, path, format, reason) => {
    await expect(readChain({ path, format })).rejects.toThrow(reason);
  });
});

/** A PATH that leads to a stand-in for guestfish first. */
async function withFake(script: string) {
  const folder = await mkdtemp(join(host.folder, 'fake-'));
  await writeFile(join(folder, 'guestfish'), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, 'guestfish'), 0o755);
  const path = [folder, host.program.env?.PATH ?? PATH].join(delimiter);
  return { ...host.program, libguestfs: true, env: { ...host.program.env, PATH: path } };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
