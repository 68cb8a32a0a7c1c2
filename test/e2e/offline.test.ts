import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type GuestJson, type ProgramOptions, startVirtioize, virtioizeJson } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { applianceEnvironment } from '../testbed/guest-kernel.ts';
import { processesOf } from '../testbed/qemu-processes.ts';
import { until } from '../until.ts';
import type { TestGuest } from './booted-guest.ts';
import { bootAll, historyOf, liveTargets, restartGuest, rootsSeen, SETUP_TIMEOUT_MS } from './restart-cases.ts';

/** What an admin prepared takes effect at the shutdown: from then on the kernel is told not to load the driver. */
const BLOCKS_THE_DRIVER = `#!/bin/sh
sed -i 's/ ro quiet/ ro quiet modprobe.blacklist=virtio_blk/' /boot/grub/grub.cfg
exec /sbin/shutdown -P
`;

let host: TestHost;
let program: ProgramOptions;
let ready: TestGuest;
let lacking: TestGuest;
let turning: TestGuest;
let frozen: TestGuest;

beforeAll(async () => {
  host = await createTestHost();
  program = { ...host.program, libguestfs: true, timeoutMs: 590_000 };
  ready = await restartGuest(host, { name: 'ready', agent: false, recipe: { writer: true } });
  lacking = await restartGuest(host, { name: 'lacking', agent: false, recipe: { virtioBlk: false } });
  const extraFiles = { '/etc/acpi/PWRF/00000080': BLOCKS_THE_DRIVER };
  turning = await restartGuest(host, { name: 'turning', agent: false, recipe: { writer: true, extraFiles } });
  const agentBlockedRpcs = ['guest-exec', 'guest-file-open', 'guest-file-read'];
  frozen = await restartGuest(host, { name: 'frozen', recipe: { agentBlockedRpcs } });
}, SETUP_TIMEOUT_MS);

afterAll(async () => host.dispose());

describe('a guest that is off', () => {
  it('is proven, or refuted, by what its disks hold, and that is kept while they are the same', async () => {
    const first = await virtioizeJson(['preflight', 'ready', 'lacking', '--jobs', '2'], program);
    expect(first.document.guests).toMatchObject([
      { evidence: [{ source: 'offline', verdict: 'proven' }], refusals: [], outcome: 'planned', ready: 'now' },
      {
        evidence: [{ source: 'offline', verdict: 'refuted' }],
        refusals: [{ code: 'driver-missing', hint: expect.stringContaining('update-initramfs') }],
        outcome: 'refused',
        ready: 'not-yet',
      },
    ]);
    expect(first.status).toBe(2);
    const again = await virtioizeJson(['preflight', 'ready', 'lacking'], { ...program, libguestfs: false });
    expect(again.document.guests).toEqual(first.document.guests);
  });

  it('and whose inspection is killed leaves nothing that runs, and after the next run nothing at all', async () => {
    const TMPDIR = join(host.folder, 'tmp');
    await mkdir(TMPDIR);
    const own = {
      ...program,
      env: { ...program.env, LIBGUESTFS_CACHEDIR: '/var/tmp', ...applianceEnvironment(), TMPDIR },
    };
    const run = startVirtioize(['preflight', 'turning'], own);
    await until('the appliance runs', async () => (await processesOf(TMPDIR)).length > 0);
    run.send('SIGKILL');
    await run.ended;
    await until('the appliance has ended', async () => (await processesOf(TMPDIR)).length === 0);
    expect(await readdir(TMPDIR)).toEqual([expect.stringMatching(/^virtioize-inspect-/)]);
    const { document } = await virtioizeJson(['preflight', 'turning'], own);
    expect(document.guests).toMatchObject([{ outcome: 'planned' }]);
    expect(await readdir(TMPDIR)).toEqual([]);
  });
});

describe('a running guest', () => {
  beforeAll(async () => bootAll([ready, lacking, turning, frozen]), SETUP_TIMEOUT_MS);

  it('without an agent may be ready, by its disks; what it has not written out is not seen, and proves nothing', async () => {
    const { document } = await virtioizeJson(['preflight', 'ready', 'lacking', '--jobs', '2'], program);
    expect(document.guests).toMatchObject([
      {
        outcome: 'refused',
        ready: 'with-restart',
        refusals: [{ code: 'no-driver-evidence' }],
        evidence: [
          { source: 'agent', verdict: 'unknown' },
          { source: 'offline', verdict: 'proven', stale: true },
        ],
      },
      { outcome: 'refused', ready: 'not-yet', refusals: [{ code: 'driver-missing' }] },
    ]);
    expect(document.guests.map(warningsOf)).toEqual([
      ['name-kept', 'stale-evidence'],
      ['name-kept', 'stale-evidence'],
    ]);
  });

  it('whose agent does nothing but freeze it is flushed to its disks first, so that they prove', async () => {
    const { document, status } = await virtioizeJson(['preflight', 'frozen'], program);
    expect(document.guests).toMatchObject([
      {
        outcome: 'planned',
        evidence: [
          { source: 'agent', verdict: 'unknown' },
          { source: 'offline', verdict: 'proven' },
        ],
      },
    ]);
    expect(document.guests.map(warningsOf)).toEqual([['name-kept']]);
    expect(status).toBe(0);
  });
});

describe('a restart', () => {
  it('proves a guest while it is off, converts it, and it comes up', async () => {
    const { document, status } = await virtioizeJson(['convert', 'ready', '--restart', 'graceful'], program);
    expect(document.guests).toMatchObject([
      {
        outcome: 'converted',
        restart: 'verified',
        refusals: [],
        warnings: [],
        evidence: [
          { source: 'offline', verdict: 'proven' },
          { source: 'agent', verdict: 'unknown' },
        ],
      },
    ]);
    expect(document.guests[0]?.evidence[0]).not.toHaveProperty('stale');
    expect(status).toBe(0);
    expect(await rootsSeen(ready)).toEqual(['sd', 'vd']);
    expect(await historyOf(host, 'ready')).toEqual(['convert done']);
    const { document: past } = await virtioizeJson(['history', 'ready'], program);
    expect(past.history).toMatchObject([{ evidence: [{ source: 'offline', verdict: 'proven' }, { source: 'agent' }] }]);
  });

  it('that finds a guest lacking while it is off starts it again, unchanged', async () => {
    const before = await host.definition('turning');
    const { document, status } = await virtioizeJson(['convert', 'turning', '--restart', 'graceful'], program);
    expect(document.guests).toMatchObject([
      {
        outcome: 'refused',
        refusals: [{ code: 'driver-missing', message: expect.stringContaining('told not to load virtio_blk') }],
        evidence: [
          { source: 'offline', verdict: 'refuted' },
          { source: 'agent', verdict: 'unknown' },
        ],
        disks: [{ outcome: 'unchanged' }],
      },
    ]);
    expect(document.guests[0]).not.toHaveProperty('error');
    expect(status).toBe(2);
    expect(await host.definition('turning')).toBe(before);
    expect(await rootsSeen(turning)).toEqual(['sd', 'sd']);
    expect(await liveTargets(host, 'turning')).toEqual(['hda']);
    expect(await historyOf(host, 'turning')).toEqual(['convert undone']);
  });

  it('is not begun where the disks speak against it', async () => {
    const { document, status } = await virtioizeJson(['convert', 'lacking', '--restart', 'graceful'], program);
    expect(document.guests).toMatchObject([{ outcome: 'refused', refusals: [{ code: 'driver-missing' }] }]);
    expect(status).toBe(2);
    expect(await rootsSeen(lacking)).toEqual(['sd']);
  });
});

function warningsOf({ warnings }: GuestJson): string[] {
  return warnings.map(({ code }) => code).sort();
}
