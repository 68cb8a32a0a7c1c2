import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findPoints, openChanges, recover, runKilled } from '../faults/killed-run.ts';
import { virtioize } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { createTestGuest, rootDisk, type TestGuest } from './booted-guest.ts';
import { readInside } from './inside.ts';

const RESTART = ['convert', 'victim', '--restart', 'graceful'];

let host: TestHost;
let guest: TestGuest;
let before: string;
let points: string[];

beforeAll(async () => {
  host = await createTestHost();
  guest = await createTestGuest(host, { name: 'victim', system: { bus: 'ide', target: 'hda' } });
  before = await host.definition('victim');
  await guest.boot();
  points = await findPoints(host, RESTART, 0);
});

afterAll(async () => host.dispose());

async function backToIde(): Promise<void> {
  await guest.shutDown();
  expect((await virtioize(['rollback', 'victim'], host.program)).status).toBe(0);
  expect(await host.definition('victim')).toBe(before);
  expect(rootDisk(await guest.boot())).toBe('sda');
}

async function killAt(name: string): Promise<void> {
  expect(points).toContain(name);
  await runKilled(host, RESTART, points.indexOf(name) + 1);
}

describe('a guest that really boots, its conversion killed within the restart', () => {
  it('runs as before where it had been asked to go off', async () => {
    await backToIde();
    await killAt('after shutdown is sent');
    const document = await recover(host);
    expect(document.guests).toMatchObject([{ name: 'victim', outcome: 'failed', error: { code: 'interrupted' } }]);
    expect(await host.definition('victim')).toBe(before);
    expect(await mountedRoot()).toMatch(/^\/dev\/sda/);
    expect(await openChanges(host)).toEqual([]);
  });

  it.each(['after define is sent', 'after start is sent'])(
    'is brought up from virtio where it was killed %s',
    async (point) => {
      if ((await host.definition('victim')) !== before) await backToIde();
      await killAt(point);
      const document = await recover(host);
      expect(document.guests).toMatchObject([{ name: 'victim', outcome: 'converted', restart: 'verified' }]);
      expect(await host.definition('victim')).toContain("<target dev='vda' bus='virtio'/>");
      expect(await mountedRoot()).toMatch(/^\/dev\/vda/);
      expect(await openChanges(host)).toEqual([]);
    },
  );
});

/** The device of the root file system, as the running system itself says. */
async function mountedRoot(): Promise<string> {
  const mounts = await readInside(host, 'victim', '/proc/mounts');
  return mounts.split('\n').find((line) => / \/ ext4 /.test(line)) ?? '';
}
