import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type GuestJson, type ProgramRun, virtioizeJson } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { diskAt, type TestGuest } from './booted-guest.ts';
import { createDataDisk } from './data-disk.ts';
import { readInside } from './inside.ts';
import {
  bootAll,
  disksSeen,
  liveTargets,
  restartGuest,
  rootsSeen,
  SETUP_TIMEOUT_MS,
  untilWrites,
} from './restart-cases.ts';

/** The agent is started only where the root is on IDE. */
const AGENT_ON_IDE_ONLY = `DRIVERS="virtio_console button evdev isofs"
AGENT=$(grep -c '^/dev/sd[a-z]1 / ' /proc/mounts)
ACPID=1
WRITER=1
`;

let host: TestHost;
let mute: TestGuest;
let unmounted: TestGuest;
let run: ProgramRun & { readonly document: { readonly guests: readonly GuestJson[] } };

beforeAll(async () => {
  host = await createTestHost();
  mute = await restartGuest(host, {
    name: 'mute',
    recipe: { extraFiles: { '/etc/default/testbed': AGENT_ON_IDE_ONLY } },
  });
  // USB disks come up a second after all others, so that this one is always /dev/sdb.
  unmounted = await restartGuest(host, {
    name: 'unmounted',
    recipe: { fstab: ['/dev/sdb1 /data ext4 defaults 0 2'] },
    moreDisks: [await createDataDisk(host, 'unmounted', { bus: 'usb', target: 'sda' })],
  });
  await bootAll([mute, unmounted]);
  expect(diskAt(await disksSeen(unmounted), '/data')).toBe('sdb');
  const words = ['--restart', 'graceful', '--boot-timeout', '120s', '--restart-jobs', '2', '--yes'];
  const accepted = ['--from', 'ide,usb', '--accept', 'device-names', '--reason', 'to see it fail'];
  run = await virtioizeJson(['convert', 'mute', 'unmounted', ...words, ...accepted], {
    ...host.program,
    timeoutMs: 400_000,
  });
}, SETUP_TIMEOUT_MS);

afterAll(async () => host.dispose());

/** It runs from virtio, was not powered off again, and writes. */
async function expectLeftAlone(guest: TestGuest, targets: readonly string[], missing: RegExp): Promise<void> {
  const result = run.document.guests.find(({ name }) => name === guest.name);
  expect(result).toMatchObject({ outcome: 'converted', restart: 'unverified' });
  const warning = result?.warnings.find(({ code }) => code === 'unverified');
  expect(warning?.message).toMatch(missing);
  expect(await rootsSeen(guest)).toEqual(['sd', 'vd']);
  expect(await host.root.virsh(['domstate', guest.name])).toBe('running');
  expect(await liveTargets(host, guest.name)).toEqual(targets);
  for (const target of targets) expect(await host.definition(guest.name)).toContain(`dev='${target}' bus='virtio'`);
}

describe('a guest that writes to its disks but was not seen to have come up', () => {
  it('makes the run end with 0', () => {
    expect(run.status).toBe(0);
  });

  it('is left alone where its agent does not answer any more', async () => {
    await expectLeftAlone(mute, ['vda'], /its agent does not answer/);
    await untilWrites(host, 'mute');
  });

  it('is left alone where a file system is not mounted any more', async () => {
    await expectLeftAlone(unmounted, ['vda', 'vdb'], /nothing is mounted at \/data/);
    expect(diskAt(await disksSeen(unmounted), '/data')).toBeUndefined();
    expect(await readInside(host, 'unmounted', '/proc/mounts')).not.toContain(' /data ');
  });
});
