import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findPoints, openChanges, recover, runKilled } from '../faults/killed-run.ts';
import { virtioizeJson } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { buildBlankDisk } from '../testbed/boot-sector.ts';
import { guestXml } from '../testbed/guest-xml.ts';

const TIMEOUT_MS = 1_800_000;

let host: TestHost;
let disk: string;
let scratch: string;
let before: string;
let rehearse: string[];
let prime: string[];

beforeAll(async () => {
  host = await createTestHost();
  disk = join(host.folder, 'disk.img');
  scratch = join(host.folder, 'scratch');
  await mkdir(scratch);
  await buildBlankDisk(disk);
  const disks = [{ path: disk, format: 'raw', bus: 'ide', target: 'hda' } as const];
  await host.root.define(guestXml({ name: 'victim', machine: 'pc', memoryMiB: 16, disks }));
  before = await host.definition('victim');
  rehearse = ['rehearse', 'victim', '--scratch-dir', scratch, '--boot-timeout', '2s'];
  prime = ['prime', 'victim', '--scratch-dir', scratch, '--prime-timeout', '1s'];
});

afterAll(async () => host.dispose());

describe('a rehearsal that is killed at any point', () => {
  it(
    'leaves nothing behind once the next run has been, and its guest as it was',
    async () => {
      const image = await describeImage();
      const points = await findPoints(host, rehearse, 2);
      expect(points.filter((name) => / is sent$/.test(name))).toEqual(sent('create', 'suspend', 'destroy'));
      for (const position of worthKilling(points)) {
        await rm(host.program.stateDir, { recursive: true });
        await runKilled(host, rehearse, position + 1);
        await recover(host);
        expect({ point: points[position], ...(await whatIsThere()) }).toEqual({
          point: points[position],
          guests: ['victim'],
          scratch: [],
          temporary: [],
          open: [],
          definition: before,
        });
      }
      expect(await describeImage()).toEqual(image);
    },
    TIMEOUT_MS,
  );
});

describe('a disk that is plugged into a guest which takes no notice of it', () => {
  it('is reported, and its file is kept until the guest is off', async () => {
    await host.root.start('victim');
    const { document, status } = await virtioizeJson(prime, host.program);
    expect(document.guests).toMatchObject([
      {
        outcome: 'needs-attention',
        error: { code: 'left-behind', hint: expect.stringContaining('virsh detach-disk victim vdz --live') },
      },
    ]);
    expect(status).toBe(3);
    expect(await readdir(scratch)).toEqual([expect.stringMatching(/^virtioize-probe-/)]);
    expect((await recover(host, [3])).guests).toMatchObject([{ name: 'victim', outcome: 'needs-attention' }]);
    await host.root.destroyAll();
    await recover(host);
    expect(await whatIsThere()).toMatchObject({ scratch: [], temporary: [], open: [], definition: before });
  });

  it(
    'is taken away after a kill at any point, once the guest is off',
    async () => {
      await host.root.start('victim');
      const points = await findPoints(host, prime, 3);
      expect(points.filter((name) => / is sent$/.test(name)).slice(0, 4)).toEqual(sent('attach-device', 'detach-disk'));
      for (const position of worthKilling(points)) {
        await host.root.destroyAll();
        await recover(host);
        await host.root.start('victim');
        await runKilled(host, prime, position + 1);
        await recover(host, [0, 3]);
        await host.root.destroyAll();
        await recover(host);
        expect({ point: points[position], ...(await whatIsThere()) }).toMatchObject({
          point: points[position],
          scratch: [],
          temporary: [],
          open: [],
          definition: before,
        });
      }
    },
    TIMEOUT_MS,
  );
});

describe('a guest on q35 without a spare port', () => {
  it('is told how to get one, and nothing is left of the try', async () => {
    const disks = [{ path: join(host.folder, 'full.img'), format: 'raw', bus: 'sata', target: 'sda' } as const];
    await buildBlankDisk(join(host.folder, 'full.img'));
    // as many ports as there are devices: libvirt adds a spare one only beside ports of its own
    const ports = "<controller type='pci' index='0' model='pcie-root'/>";
    await host.root.define(guestXml({ name: 'full', machine: 'q35', memoryMiB: 16, disks, extraDevices: ports }));
    await host.root.start('full');
    try {
      const taken = await fillPorts();
      const { document, status } = await virtioizeJson(
        ['prime', 'full', '--scratch-dir', scratch, '--prime-timeout', '1s'],
        host.program,
      );
      expect({ taken, refusals: document.guests[0]?.refusals[0] }).toMatchObject({
        refusals: { code: 'pci-slots', hint: expect.stringContaining('pcie-root-port') },
      });
      expect(status).toBe(2);
      expect(await readdir(scratch)).toEqual([]);
    } finally {
      await host.root.destroyAll();
    }
  });

  /** Plug devices in until libvirt has no port left. */
  async function fillPorts(): Promise<number> {
    for (let count = 0; count < 32; count++) {
      const image = join(host.folder, `filler${count}.img`);
      await buildBlankDisk(image);
      const letters = `vd${String.fromCharCode(98 + count)}`;
      const words = ['attach-disk', 'full', image, letters, '--live', '--targetbus', 'virtio'];
      const isFull = await host.root.virsh(words).then(
        () => false,
        (error: Error) => /PCI/.test(error.message),
      );
      if (isFull) return count;
    }
    throw new Error('libvirt found a port for each of 32 disks');
  }
});

function sent(...commands: string[]): string[] {
  return commands.flatMap((command) => [`before ${command} is sent`, `after ${command} is sent`]);
}

/** What is after one point and before the next is the same on the disk, unless libvirt is at work meanwhile. */
function worthKilling(points: readonly string[]): number[] {
  return [...points.keys()].filter((at) => {
    const name = points[at] ?? '';
    return name.startsWith('before') || / is sent$/.test(name) || at === points.length - 1;
  });
}

async function whatIsThere() {
  const state = (await host.hostState()) ?? '';
  return {
    guests: (await host.root.virsh(['list', '--all', '--name'])).split('\n').filter((name) => name !== ''),
    scratch: await readdir(scratch),
    temporary: await readdir(join(state, 'temporary')).catch(() => []),
    open: await openChanges(host),
    definition: await host.definition('victim'),
  };
}

/** A disk's content, and whose it is. */
async function describeImage() {
  const { uid, gid, mode } = await stat(disk);
  return {
    uid,
    gid,
    mode,
    hash: createHash('sha256')
      .update(await readFile(disk))
      .digest('hex'),
  };
}
