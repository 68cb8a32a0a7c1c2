import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findPoints, openChanges, recover, runKilled } from '../faults/killed-run.ts';
import { virtioize } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { buildBlankDisk, buildWriterDisk } from '../testbed/boot-sector.ts';
import { guestXml } from '../testbed/guest-xml.ts';

const CONVERT = ['convert', 'victim', '--assume-driver', '--reason', 'kill test'];
const RESTART = [...CONVERT, '--restart', 'force', '--shutdown-timeout', '1s', '--boot-timeout', '2s'];
const TIMEOUT_MS = 1_800_000;

/** A run mostly waits for its guest, so several go on at a time, each on a libvirt of its own. */
const LANES = 4;

const cases = [
  {
    title: 'a conversion with a restart, of a tiny guest that works',
    buildDisk: buildWriterDisk,
    status: 0,
    commands: ['shutdown', 'destroy', 'define', 'start'],
    from: 0,
  },
  {
    title: 'a conversion that is undone, of a tiny guest that never comes up',
    buildDisk: buildBlankDisk,
    status: 3,
    commands: ['shutdown', 'destroy', 'define', 'start', 'suspend', 'destroy', 'define', 'start'],
    /** Up to its first start it goes as the other one. */
    from: 'after start is sent',
  },
];

describe.each(cases)('a run that is killed at any point of $title', ({ buildDisk, status, commands, from }) => {
  let lanes: Lane[];

  beforeAll(async () => {
    lanes = await Promise.all(Array.from({ length: LANES }, () => createLane(buildDisk)));
  });

  afterAll(async () => {
    await Promise.all(lanes.map(({ host }) => host.dispose()));
  });

  it(
    'leaves the guest running, wholly before or after, once the next run has been',
    async () => {
      const [probe] = lanes as [Lane];
      await reset(probe);
      const points = await findPoints(probe.host, RESTART, status);
      expect(points.filter((name) => / is sent$/.test(name))).toEqual(
        commands.flatMap((command) => [`before ${command} is sent`, `after ${command} is sent`]),
      );
      const first = typeof from === 'string' ? points.indexOf(from) : from;
      const worth = [...points.keys()].filter((at) => at >= first && isWorthKilling(points, at));
      await Promise.all(
        lanes.map(async (lane, number) => {
          for (const position of worth.filter((_, turn) => turn % LANES === number)) {
            await reset(lane);
            await runKilled(lane.host, RESTART, position + 1);
            await recover(lane.host, [0, 3]);
            await expectOneSide(lane, `${position + 1}: ${points[position]}`);
          }
        }),
      );
    },
    TIMEOUT_MS,
  );
});

interface Lane {
  readonly host: TestHost;
  /** The definition that the guest begins with. */
  readonly before: string;
}

async function createLane(buildDisk: (path: string) => Promise<void>): Promise<Lane> {
  const host = await createTestHost();
  const path = join(host.folder, 'disk.img');
  await buildDisk(path);
  const disks = [{ path, format: 'raw', bus: 'ide', target: 'hda' } as const];
  await host.root.define(guestXml({ name: 'victim', machine: 'pc', memoryMiB: 16, disks }));
  return { host, before: await host.definition('victim') };
}

async function reset({ host, before }: Lane): Promise<void> {
  await host.root.destroyAll();
  await rm(host.program.stateDir, { recursive: true, force: true });
  await host.root.define(before);
  await host.root.start('victim');
}

/** What is after one point and before the next is the same on the disk, unless libvirt is at work meanwhile. */
function isWorthKilling(points: readonly string[], position: number): boolean {
  const name = points[position] ?? '';
  return name.startsWith('before') || / is sent$/.test(name) || position === points.length - 1;
}

async function expectOneSide({ host, before }: Lane, point: string): Promise<void> {
  const definition = await host.definition('victim');
  const side = definition === before ? 'before' : /dev='vda' bus='virtio'/.test(definition) ? 'after' : 'in between';
  const state = await host.root.virsh(['domstate', 'victim']);
  const live = /dev='(\w+)' bus='\w+'/.exec(await host.root.virsh(['dumpxml', 'victim']))?.[1];
  const open = await openChanges(host);
  const wanted = { before: 'hda', after: 'vda', 'in between': undefined }[side];
  expect({ point, side, state, live, open }).toEqual({ point, side, state: 'running', live: wanted, open: [] });
  await expectRecordsAgree(host, point, side);
}

/** The last change that was carried out says on which side the guest is. */
async function expectRecordsAgree(host: TestHost, point: string, side: string): Promise<void> {
  const { stdout } = await virtioize(['history', '--json'], host.program);
  const { history } = JSON.parse(stdout) as { history: { state: string; action: string }[] };
  expect(history.map((entry) => entry.state)).not.toContain('unfinished');
  const stands = history.some((entry) => entry.action === 'convert' && entry.state === 'done');
  expect({ point, side: stands ? 'after' : 'before' }).toEqual({ point, side });
}
