import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { virtioize } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { buildBlankDisk, buildWriterDisk } from '../testbed/boot-sector.ts';
import { guestXml } from '../testbed/guest-xml.ts';
import { findPoints, openChanges, recover, runKilled } from './killed-run.ts';

const CONVERT = ['convert', 'victim', '--assume-driver', '--reason', 'kill test'];
const RESTART = [...CONVERT, '--restart', 'force', '--shutdown-timeout', '1s', '--boot-timeout', '2s'];
const TIMEOUT_MS = 1_800_000;

const cases = [
  {
    title: 'a conversion with a restart, of a tiny guest that works',
    disk: buildWriterDisk,
    status: 0,
    commands: ['shutdown', 'destroy', 'define', 'start'],
  },
  {
    title: 'a conversion that is undone, of a tiny guest that never comes up',
    disk: buildBlankDisk,
    status: 3,
    commands: ['shutdown', 'destroy', 'define', 'start', 'suspend', 'destroy', 'define', 'start'],
  },
];

describe.each(cases)('a run that is killed at any point of $title', ({ disk, status, commands }) => {
  let host: TestHost;
  let before: string;

  beforeAll(async () => {
    host = await createTestHost();
    const path = join(host.folder, 'disk.img');
    await disk(path);
    const disks = [{ path, format: 'raw', bus: 'ide', target: 'hda' } as const];
    await host.root.define(guestXml({ name: 'victim', machine: 'pc', memoryMiB: 16, disks }));
    before = await host.definition('victim');
  });

  afterAll(async () => host.dispose());

  async function reset(): Promise<void> {
    await host.root.destroyAll();
    await rm(host.program.stateDir, { recursive: true, force: true });
    await host.root.define(before);
    await host.root.start('victim');
  }

  it(
    'leaves the guest running, wholly before or after, once the next run has been',
    async () => {
      await reset();
      const points = await findPoints(host, RESTART, status);
      expect(points.filter((name) => / is sent$/.test(name))).toEqual(
        commands.flatMap((command) => [`before ${command} is sent`, `after ${command} is sent`]),
      );
      for (const [position, name] of points.entries()) {
        if (!isWorthKilling(points, position)) continue;
        await reset();
        await runKilled(host, RESTART, position + 1);
        await recover(host, [0, 3]);
        await expectOneSide(`${position + 1}: ${name}`);
      }
    },
    TIMEOUT_MS,
  );

  async function expectOneSide(point: string): Promise<void> {
    const definition = await host.definition('victim');
    const side = definition === before ? 'before' : /dev='vda' bus='virtio'/.test(definition) ? 'after' : 'in between';
    const state = await host.root.virsh(['domstate', 'victim']);
    const live = /dev='(\w+)' bus='\w+'/.exec(await host.root.virsh(['dumpxml', 'victim']))?.[1];
    const open = await openChanges(host);
    const wanted = { before: 'hda', after: 'vda', 'in between': undefined }[side];
    expect({ point, side, state, live, open }).toEqual({ point, side, state: 'running', live: wanted, open: [] });
    await expectRecordsAgree(point, side);
  }

  /** The last change that was carried out says on which side the guest is. */
  async function expectRecordsAgree(point: string, side: string): Promise<void> {
    const { stdout } = await virtioize(['history', '--json'], host.program);
    const { history } = JSON.parse(stdout) as { history: { state: string; action: string }[] };
    expect(history.map((entry) => entry.state)).not.toContain('unfinished');
    const stands = history.some((entry) => entry.action === 'convert' && entry.state === 'done');
    expect({ point, side: stands ? 'after' : 'before' }).toEqual({ point, side });
  }
});

/** What is after one point and before the next is the same on the disk, unless libvirt is at work meanwhile. */
function isWorthKilling(points: readonly string[], position: number): boolean {
  const name = points[position] ?? '';
  return name.startsWith('before') || / is sent$/.test(name) || position === points.length - 1;
}
