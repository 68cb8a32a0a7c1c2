import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { virtioizeJson } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { inittab } from '../testbed/guest-scripts.ts';
import { until } from '../until.ts';
import { createTestGuest } from './booted-guest.ts';

const SETUP_TIMEOUT_MS = 1_200_000;
const OTHER_BYTES = 1024 * 1024;

/** A system that reaches out as soon as it is up, and goes on writing to its disk only once it has tried everything. */
const reachOut = (port: number): string => `#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
modprobe -a -q 9p 9pnet_virtio virtio_net
ip link set eth0 up
ip addr add 10.0.2.15/24 dev eth0
echo reached | nc -w 5 10.0.2.2 ${port}
mkdir -p /run/share
mount -t 9p -o trans=virtio,version=9p2000.L share /run/share && echo reached >/run/share/reached
# by its size: Linux deals out the letters of disks on one IDE controller as they come
other() { grep -lx 2048 /sys/block/[sv]d?/size | cut -d / -f 4; }
until [ -b "/dev/$(other)" ]; do sleep 1; done
echo reached >"/dev/$(other)"
sync
echo "TESTBED has tried" >/dev/console
while :; do
	date >/var/log/writer
	sync
	sleep 1
done
`;

let host: TestHost;
let server: Server;
let calls = 0;
let share: string;
let other: string;
let serialLog: string;

beforeAll(async () => {
  host = await createTestHost();
  share = join(host.folder, 'share');
  other = join(host.folder, 'other.img');
  await mkdir(share);
  server = createServer((socket) => {
    calls += 1;
    socket.on('error', () => {}).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await clean();
  const extraFiles = {
    '/etc/inittab': `${inittab}::once:/etc/init.d/reach-out\n`,
    '/etc/init.d/reach-out': reachOut(port),
  };
  const guest = await createTestGuest(host, {
    name: 'outward',
    system: { bus: 'ide', target: 'hda' },
    moreDisks: [{ path: other, format: 'raw', bus: 'ide', target: 'hdb', extra: '<shareable/>' }],
    agent: false,
    recipe: { extraFiles },
    xml: {
      extraDevices: `<interface type='user'><model type='virtio'/></interface>
        <filesystem type='mount' accessmode='mapped'><source dir='${share}'/><target dir='share'/></filesystem>`,
    },
  });
  ({ serialLog } = guest);
}, SETUP_TIMEOUT_MS);

afterAll(async () => {
  server.close();
  await host.dispose();
});

describe("a system that writes to the network, to a shared folder and to another guest's disk", () => {
  it(
    'reaches all of them when it runs',
    async () => {
      await host.root.start('outward');
      await until('it has tried', async () => (await readFile(serialLog, 'utf8')).includes('TESTBED has tried'), {
        timeoutMs: SETUP_TIMEOUT_MS,
      });
      await host.root.destroyAll();
      expect(await whatItReached()).toEqual({ calls: 1, share: ['reached'], other: 'reached' });
    },
    SETUP_TIMEOUT_MS,
  );

  it(
    'reaches none of them in a rehearsal, although it tries',
    async () => {
      await clean();
      const { document } = await virtioizeJson(
        ['rehearse', 'outward', '--scratch-dir', host.folder, '--boot-timeout', '300s'],
        { ...host.program, timeoutMs: SETUP_TIMEOUT_MS },
      );
      const rehearsal = document.guests[0]?.evidence.find(({ source }) => source === 'rehearsal');
      expect(rehearsal).toMatchObject({
        verdict: 'proven', // so it went on to write, which it does only once it has tried
        facts: { 'the clone went without': '1 shared folder, 1 network card' },
      });
      expect(await whatItReached()).toEqual({ calls: 0, share: [], other: '' });
    },
    SETUP_TIMEOUT_MS,
  );
});

async function clean(): Promise<void> {
  calls = 0;
  await rm(join(share, 'reached'), { force: true });
  await writeFile(other, '');
  await truncate(other, OTHER_BYTES);
}

async function whatItReached() {
  return {
    calls,
    share: await readdir(share),
    other: (await readFile(other, 'latin1')).replace(/[\0\n]+/g, ''),
  };
}
