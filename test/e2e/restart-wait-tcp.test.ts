import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { virtioizeJson } from '../program.ts';
import { inittab } from '../testbed/guest-scripts.ts';
import { bootAll, createDaemonHost, type DaemonHost, VOUCHED } from './daemon-guest.ts';

const HOST = '192.168.77.1/24';
const PORT = 8080;

const NETWORK = {
  '/etc/inittab': `${inittab}::once:/etc/init.d/web\n`,
  '/etc/init.d/web': `#!/bin/sh
export PATH=/usr/sbin:/usr/bin
ip link set eth0 up
ip addr add 192.168.77.2/24 dev eth0
exec httpd -f -p ${PORT} -h /etc/init.d
`,
};

const CARD = "<interface type='bridge'><source bridge='br0'/><model type='virtio'/></interface>";

let host: DaemonHost;
let image: string;

beforeAll(async () => {
  host = await createDaemonHost();
  image = await host.image('web', { extraFiles: NETWORK });
  // The host's /sys shows its own network namespace, and the program looks there for the bridge.
  const sys = join(host.folder, 'sys');
  await mkdir(sys);
  await inside('mount', '-t', 'sysfs', 'sysfs', sys);
  for (const folder of ['class/net', 'devices/virtual/net'])
    await inside('mount', '--bind', join(sys, folder), join('/sys', folder));
  await inside('ip', 'link', 'add', 'br0', 'type', 'bridge');
  await inside('ip', 'addr', 'add', HOST, 'dev', 'br0');
  await inside('ip', 'link', 'set', 'br0', 'up');
});

afterAll(async () => host.dispose());

async function inside(...words: string[]): Promise<void> {
  const [file = '', ...rest] = [...host.daemon.enter, ...words];
  await execa(file, rest);
}

describe('convert --restart graceful --wait-tcp', () => {
  it.each([
    { name: 'answers', port: PORT, restart: 'verified', told: [] },
    { name: 'is-closed', port: PORT + 1, restart: 'unverified', told: [`it does not answer at TCP port ${PORT + 1}`] },
  ])('a guest that $name at its port is $restart', async ({ name, port, restart, told }) => {
    const guest = await host.guest(name, image, { extraDevices: CARD });
    await bootAll([guest]);
    const words = [
      '--restart',
      'graceful',
      '--wait-tcp',
      String(port),
      '--boot-timeout',
      restart === 'verified' ? '4m' : '60s',
    ];
    const run = await virtioizeJson(['convert', name, ...words, ...VOUCHED], host.program);
    expect(run.document.guests).toMatchObject([{ refusals: [], outcome: 'converted', restart }]);
    const warnings = run.document.guests[0]?.warnings.filter(({ code }) => code === 'unverified') ?? [];
    expect(warnings.map(({ message }) => message)).toEqual(told.map((text) => expect.stringContaining(text)));
    expect(run.status).toBe(0);
    expect(await guest.state()).toBe('running');
    expect(await guest.booted()).toBe('vda');
    await host.daemon.virsh('destroy', name);
  });
});
