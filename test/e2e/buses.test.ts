import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { virtioizeJson } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { buildCdRom } from '../testbed/data-images.ts';
import { debianKernel } from '../testbed/debian-kernel.ts';
import type { GuestDisk } from '../testbed/guest-xml.ts';
import { createTestGuest, diskAt, rootDisk, type TestGuest, type TestGuestOptions } from './booted-guest.ts';
import { createDataDisk, MOUNT_DATA } from './data-disk.ts';

let host: TestHost;

beforeAll(async () => {
  host = await createTestHost();
});

afterAll(async () => host.dispose());

/**
 * Convert a running guest on the evidence of its agent, power it off and on, and look at its disks from inside; then
 * have the next run give the disks their final names.
 */
async function convertAndBoot(
  guest: TestGuest,
  words: readonly string[] = [],
): Promise<{ before: Awaited<ReturnType<TestGuest['boot']>>; after: Awaited<ReturnType<TestGuest['boot']>> }> {
  const before = await guest.boot();
  expect(rootDisk(before)).toMatch(/^sd/);
  const run = await virtioizeJson(['convert', guest.name, ...words], host.program);
  expect(run.document.guests[0]).toMatchObject({
    outcome: 'converted',
    restart: 'pending',
    evidence: [{ source: 'agent', verdict: 'proven' }],
  });
  expect(run.status).toBe(0);
  await guest.shutDown();
  const after = await guest.boot();
  await guest.shutDown();
  const renamed = await virtioizeJson(['convert', guest.name, ...words], host.program);
  expect(renamed.document.guests).toMatchObject([{ outcome: 'converted', restart: 'not-needed' }]);
  expect(await host.definition(guest.name)).toContain("<target dev='vda' bus='virtio'/>");
  return { before, after };
}

const cases: (TestGuestOptions & { readonly title: string; readonly words?: string[] })[] = [
  { title: 'IDE on pc', name: 'ide', system: { bus: 'ide', target: 'hda' } },
  { title: 'SATA on q35', name: 'sata', system: { bus: 'sata', target: 'sda' }, machine: 'q35' },
  {
    title: 'USB, where it is asked for',
    name: 'usb',
    system: { bus: 'usb', target: 'sda' },
    machine: 'q35',
    words: ['--from', 'usb'],
  },
];

describe('a running guest that is converted and then powered off and on', () => {
  it.each(cases)('boots from virtio: $title', async ({ words, ...options }) => {
    const guest = await createTestGuest(host, options);
    const { before, after } = await convertAndBoot(guest, words);
    expect(rootDisk(before)).toMatch(/^sd/);
    expect(rootDisk(after)).toBe('vda');
  });

  it('boots from virtio with its data disk and its CD-ROM in place', async () => {
    const iso = join(host.folder, 'cd.iso');
    await buildCdRom({ path: iso, files: { '/README': 'cd' } });
    const cdRom: GuestDisk = { bus: 'ide', target: 'hdc', path: iso, format: 'raw', device: 'cdrom' };
    const guest = await createTestGuest(host, {
      name: 'two',
      system: { bus: 'ide', target: 'hda' },
      moreDisks: [await createDataDisk(host, 'two', { bus: 'ide', target: 'hdb' }), cdRom],
      recipe: { fstab: [MOUNT_DATA] },
    });
    const { before, after } = await convertAndBoot(guest);
    expect([rootDisk(before), diskAt(before, '/data')]).toEqual([
      expect.stringMatching(/^sd/),
      expect.stringMatching(/^sd/),
    ]);
    expect([rootDisk(after), diskAt(after, '/data')].sort()).toEqual(['vda', 'vdb']);
    expect(after?.map(({ name }) => name)).toContain('sr0');
    expect(await host.definition('two')).toContain("<target dev='hdc' bus='ide'/>");
  });

  it('leaves a disk on virtio-scsi alone beside one on an LSI controller', async () => {
    const guest = await createTestGuest(host, {
      name: 'lsi',
      system: { bus: 'scsi', target: 'sda', controllerModel: 'lsilogic' },
      moreDisks: [
        await createDataDisk(host, 'lsi', {
          bus: 'scsi',
          target: 'sdh',
          extra: "<address type='drive' controller='1' bus='0' target='0' unit='0'/>",
        }),
      ],
      recipe: { fstab: [MOUNT_DATA], kernel: await debianKernel() }, // the small one finds no disk on an LSI controller
      xml: { extraDevices: "<controller type='scsi' index='1' model='virtio-scsi'/>" },
    });
    const { after } = await convertAndBoot(guest);
    expect(rootDisk(after)).toBe('vda');
    expect(diskAt(after, '/data')).toBe('sda');
    expect(await host.definition('lsi')).toContain("<target dev='sdh' bus='scsi'/>");
  });
});

describe('a guest with a virtio data disk beside its IDE system disk', () => {
  it('boots the right one after it was converted while it was off', async () => {
    const guest = await createTestGuest(host, {
      name: 'beside',
      system: { bus: 'ide', target: 'hda' },
      moreDisks: [await createDataDisk(host, 'beside', { bus: 'virtio', target: 'vda' })],
      recipe: { fstab: [MOUNT_DATA] },
    });
    const before = await guest.boot();
    expect([rootDisk(before), diskAt(before, '/data')]).toEqual(['sda', 'vda']);
    const running = await virtioizeJson(['convert', 'beside'], host.program);
    expect(running.document.guests).toMatchObject([{ outcome: 'refused', refusals: [{ code: 'name-collision' }] }]);
    await guest.shutDown();
    const off = await virtioizeJson(
      ['convert', 'beside', '--require-evidence', 'likely', '--reason', 'its data disk works'],
      host.program,
    );
    expect(off).toMatchObject({
      status: 0,
      document: {
        guests: [
          { outcome: 'converted', evidence: [{ source: 'offline' }, { source: 'attached', verdict: 'likely' }] },
        ],
      },
    });
    expect(off.document.guests[0]?.warnings.map(({ code }) => code)).toContain('boot-order-rewritten');
    const after = await guest.boot();
    expect(rootDisk(after)).toMatch(/^vd/);
    expect(diskAt(after, '/data')).toMatch(/^vd/);
    await guest.shutDown();
  });
});
