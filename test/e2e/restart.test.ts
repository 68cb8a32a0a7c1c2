import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { virtioizeJson } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { buildCdRom } from '../testbed/data-images.ts';
import { diskAt, rootDisk, type TestGuest } from './booted-guest.ts';
import { createDataDisk, MOUNT_DATA } from './data-disk.ts';
import { readInside, writeInside } from './inside.ts';
import {
  bootAll,
  changeFolder,
  disksSeen,
  historyOf,
  liveTargets,
  restartGuest,
  rootsSeen,
  untilWrites,
} from './restart-cases.ts';

let host: TestHost;
let full: TestGuest;
let pending: TestGuest;
let writer: TestGuest;

beforeAll(async () => {
  host = await createTestHost();
  const iso = join(host.folder, 'cd.iso');
  await buildCdRom({ path: iso, files: { '/README': 'cd' } });
  full = await restartGuest(host, {
    name: 'full',
    recipe: { fstab: [MOUNT_DATA] },
    moreDisks: [
      await createDataDisk(host, 'full', { bus: 'ide', target: 'hdb' }),
      { bus: 'ide', target: 'hdc', path: iso, format: 'raw', device: 'cdrom' },
    ],
  });
  pending = await restartGuest(host, { name: 'pending' });
  writer = await restartGuest(host, { name: 'writer', agent: false, recipe: { writer: true } });
  await bootAll([full, pending, writer]);
});

afterAll(async () => host.dispose());

describe('a running guest that can boot from virtio', () => {
  it('is restarted by its conversion with all its disks under their final names, and by its rollback as it was', async () => {
    const before = await host.definition('full');
    expect(diskAt(await disksSeen(full), '/data')).toMatch(/^sd/);
    await writeInside(host, 'full', '/data/written', 'before');

    const converted = await virtioizeJson(['convert', 'full', '--restart', 'graceful'], host.program);
    const [guest] = converted.document.guests;
    expect(guest).toMatchObject({
      outcome: 'converted',
      restart: 'verified',
      evidence: [{ source: 'agent', verdict: 'proven' }],
      refusals: [],
      disks: [
        { from: { target: 'hda', bus: 'ide' }, to: { target: 'vda', bus: 'virtio' }, outcome: 'converted' },
        { from: { target: 'hdb', bus: 'ide' }, to: { target: 'vdb', bus: 'virtio' }, outcome: 'converted' },
      ],
    });
    expect(converted.status).toBe(0);
    const seen = await disksSeen(full);
    expect(await rootsSeen(full)).toEqual(['sd', 'vd']);
    expect([rootDisk(seen), diskAt(seen, '/data')]).toEqual(['vda', 'vdb']);
    expect(seen?.map(({ name }) => name)).toContain('sr0');
    expect(await liveTargets(host, 'full')).toEqual(['vda', 'vdb']);
    const after = await host.definition('full');
    expect(after).toMatch(/dev='vda' bus='virtio'[\s\S]*dev='vdb' bus='virtio'[\s\S]*dev='hdc' bus='ide'/);
    expect(await readInside(host, 'full', '/data/hello')).toBe('data');
    expect(await readInside(host, 'full', '/data/written')).toBe('before');
    expect(await historyOf(host, 'full')).toEqual(['convert done']);
    if (guest === undefined) throw new Error('no guest');
    const folder = await changeFolder(host, guest);
    expect(await readFile(join(folder, 'before.xml'), 'utf8')).toBe(before);
    expect(await readFile(join(folder, 'after.xml'), 'utf8')).toBe(after);

    const undone = await virtioizeJson(['rollback', 'full', '--restart', 'graceful'], host.program);
    expect(undone.document.guests).toMatchObject([{ outcome: 'rolled-back', restart: 'verified', warnings: [] }]);
    expect(undone.status).toBe(0);
    expect(await host.definition('full')).toBe(before);
    expect(await rootsSeen(full)).toEqual(['sd', 'vd', 'sd']);
    expect(diskAt(await disksSeen(full), '/data')).toMatch(/^sd/);
    expect(await readInside(host, 'full', '/data/written')).toBe('before');
    expect(await historyOf(host, 'full')).toEqual(['convert rolled-back', 'rollback done']);
  });

  it('and was left pending is restarted by the next run, and not defined again', async () => {
    expect((await virtioizeJson(['convert', 'pending'], host.program)).document.guests).toMatchObject([
      { outcome: 'converted', restart: 'pending' },
    ]);
    const converted = await host.definition('pending');
    const run = await virtioizeJson(['convert', 'pending', '--restart', 'graceful'], host.program);
    expect(run.document.guests).toMatchObject([{ outcome: 'converted', restart: 'verified', refusals: [] }]);
    expect(run.status).toBe(0);
    expect(await host.definition('pending')).toBe(converted);
    expect(await rootsSeen(pending)).toEqual(['sd', 'vd']);
    expect(await liveTargets(host, 'pending')).toEqual(['hda']); // its final name comes once it is off
    expect(await historyOf(host, 'pending')).toEqual(['convert done', 'convert done']);
    const again = await virtioizeJson(['convert', 'pending', '--restart', 'graceful'], host.program);
    expect(again).toMatchObject({ status: 0, document: { guests: [{ outcome: 'compliant' }] } });
    expect(await rootsSeen(pending)).toEqual(['sd', 'vd']);
  });

  it('and has no agent is known by what it writes for half a minute', async () => {
    const words = ['--restart', 'graceful', '--assume-driver', '--reason', 'a test'];
    const begun = Date.now();
    const run = await virtioizeJson(['convert', 'writer', ...words], host.program);
    expect(Date.now() - begun).toBeGreaterThan(30_000);
    expect(run.document.guests).toMatchObject([{ outcome: 'converted', restart: 'verified' }]);
    expect(run.status).toBe(0);
    expect(await rootsSeen(writer)).toEqual(['sd', 'vd']);
    await untilWrites(host, 'writer');
    expect(await liveTargets(host, 'writer')).toEqual(['vda']);
  });
});
