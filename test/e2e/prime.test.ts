import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { virtioizeJson } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { inittab } from '../testbed/guest-scripts.ts';
import { until } from '../until.ts';
import { createTestGuest, type TestGuest } from './booted-guest.ts';

const SETUP_TIMEOUT_MS = 600_000;

/** Nobody loads drivers for devices that come later, so it has its own from the start; it tells of disks as they come and go. */
const WATCHFUL = {
  '/etc/default/testbed': 'DRIVERS="virtio_console button evdev isofs virtio_blk"\nAGENT=1\nACPID=1\nWRITER=0\n',
  '/etc/inittab': `${inittab}::once:/etc/init.d/watch-disks\n`,
  '/etc/init.d/watch-disks': `#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
seen=no
while :; do
	for disk in /sys/block/vd*; do
		[ -e "$disk" ] || continue
		[ $seen = yes ] || echo "TESTBED plugged in \${disk##*/}" >/dev/console
		seen=yes
		continue 2
	done
	[ $seen = yes ] && echo "TESTBED unplugged" >/dev/console && seen=no
	sleep 0.1
done
`,
};

let host: TestHost;
let guest: TestGuest;
let scratch: string;

beforeAll(async () => {
  host = await createTestHost();
  scratch = join(host.folder, 'scratch');
  await mkdir(scratch);
  guest = await createTestGuest(host, {
    name: 'able',
    system: { bus: 'ide', target: 'hda' },
    recipe: { extraFiles: WATCHFUL },
  });
  await guest.boot();
}, SETUP_TIMEOUT_MS);

afterAll(async () => host.dispose());

describe('a guest that runs', () => {
  it(
    'takes up the disk that is plugged in, and lets go of it; nothing of it is left',
    async () => {
      const before = [await host.definition('able'), await liveDisks()];
      const { document, status } = await virtioizeJson(['prime', 'able', '--scratch-dir', scratch], {
        ...host.program,
        timeoutMs: SETUP_TIMEOUT_MS,
      });
      expect(document.guests).toMatchObject([
        { outcome: 'planned', refusals: [], evidence: [{ source: 'agent', verdict: 'proven' }] },
      ]);
      expect(status).toBe(0);
      await until('its system has seen the disk go', async () => (await told()).includes('unplugged'));
      expect(await told()).toEqual(['plugged in vda', 'unplugged']);
      expect([await host.definition('able'), await liveDisks()]).toEqual(before);
      expect(await readdir(scratch)).toEqual([]);
    },
    SETUP_TIMEOUT_MS,
  );

  it('that is proven already is converted with --prime without a disk being plugged in', async () => {
    const { document } = await virtioizeJson(['convert', 'able', '--prime', '--scratch-dir', scratch], host.program);
    expect(document.guests).toMatchObject([{ outcome: 'converted', restart: 'pending' }]);
    expect(await told()).toHaveLength(2);
  });
});

describe('a guest that is off', () => {
  it('is told that it has to run', async () => {
    await host.root.destroyAll();
    const { document, status } = await virtioizeJson(['prime', 'able', '--scratch-dir', scratch], host.program);
    expect(document.guests).toMatchObject([{ outcome: 'refused', refusals: [{ code: 'guest-busy' }] }]);
    expect(status).toBe(2);
  });
});

async function told(): Promise<string[]> {
  const log = await readFile(guest.serialLog, 'utf8');
  return [...log.matchAll(/TESTBED ((?:un)?plugged.*?)\r?\n/g)].map(([, text = '']) => text.trim());
}

/** The disks of the running instance, as libvirt has them. */
async function liveDisks(): Promise<string> {
  return host.root.virsh(['domblklist', 'able']);
}
