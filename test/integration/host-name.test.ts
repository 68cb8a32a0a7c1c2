import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { domainXml } from '../definitions/domain-xml.ts';
import { type ProgramOptions, virtioize } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { type HeldNamespaces, holdNamespaces } from '../testbed/namespaces.ts';

const FIRMWARE = '4c4c4544-0047-3510-8052-b4c04f384d32';
const CONVERT = ['convert', '--all', '--yes', '--assume-driver', '--reason', "a test of the host's name"];

let host: TestHost;
let machine: HeldNamespaces;
let enter: readonly string[];

/** A machine whose firmware has a UUID, which this one's may not have: it is put where the kernel would show it. */
beforeAll(async () => {
  host = await createTestHost();
  machine = await holdNamespaces(['--mount']);
  enter = ['nsenter', `--target=${machine.pid}`, '--mount'];
  const script = [
    'mount -t tmpfs virtioize-test /sys/devices/virtual',
    'mkdir -p /sys/devices/virtual/dmi/id',
    `echo ${FIRMWARE} >/sys/devices/virtual/dmi/id/product_uuid`,
  ];
  await execa('nsenter', [...enter.slice(1), 'sh', '-ec', script.join('\n')]);
});

afterAll(async () => {
  await machine.release();
  await host.dispose();
});

async function convertOn(program: ProgramOptions): Promise<{ status: number | undefined; names: string[] }> {
  const { status } = await virtioize(CONVERT, { ...program, enter });
  return { status, names: (await readdir(program.stateDir)).sort() };
}

/** libvirt's test driver tells of no host UUID: there the machine id is the host's name, whatever the firmware's is. */
async function testDriver(stateDir: string): Promise<ProgramOptions> {
  const file = join(host.folder, 'driver.xml');
  const guest = domainXml({ name: 'g', disks: [{ target: 'hda', bus: 'ide' }] }).replace(
    /type=(["'])\w+\1/,
    "type='test'",
  );
  await writeFile(file, `<node>${guest}</node>`);
  return { uri: `test://${file}`, stateDir };
}

describe('a host whose firmware has a UUID', () => {
  it('keeps its state under it, in the first run and in those that know it beforehand', async () => {
    for (const [n, name] of ['first', 'second'].entries()) {
      const uuid = `6f1ed5c8-3d02-4a6b-8f5c-00000000000${n + 1}`;
      await host.root.define(domainXml({ name, uuid, disks: [{ target: 'hda', bus: 'ide' }] }));
      expect(await convertOn(host.program)).toEqual({ status: 0, names: [FIRMWARE] });
      expect(await host.definition(name)).toContain("bus='virtio'");
    }
  });

  it('and that libvirt has another name for keeps it under that one, also where the lock of the first is held', async () => {
    const program = await testDriver(join(host.folder, 'other'));
    const likely = join(program.stateDir, FIRMWARE);
    await mkdir(likely, { recursive: true, mode: 0o700 });
    await writeFile(join(likely, 'lock'), '');
    const { status, names } = await convertOn(program);
    expect(status).toBe(0);
    expect(names).toHaveLength(2);

    const holder = execa('flock', ['-F', join(likely, 'lock'), 'sleep', 'infinity'], { reject: false });
    try {
      expect(await convertOn(program)).toEqual({ status: 0, names });
      expect(await readdir(likely)).toEqual(['lock']);
    } finally {
      holder.kill('SIGKILL');
      await holder;
    }
  });
});
