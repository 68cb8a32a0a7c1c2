import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { virtioize, virtioizeJson } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { debianKernel } from '../testbed/debian-kernel.ts';
import { createTestGuest, rootDisk } from './booted-guest.ts';
import { readInside, writeInside } from './inside.ts';

let host: TestHost;

beforeAll(async () => {
  host = await createTestHost();
});

afterAll(async () => host.dispose());

describe('a running guest that was converted and is pending', () => {
  it('loses nothing by a snapshot and a blockcopy pivot before its restart', async () => {
    const recipe = { kernel: await debianKernel() }; // as a real one would have
    const guest = await createTestGuest(host, { name: 'moving', system: { bus: 'ide', target: 'hda' }, recipe });
    expect(rootDisk(await guest.boot())).toBe('sda');
    expect(await virtioizeJson(['convert', 'moving'], host.program)).toMatchObject({
      status: 0,
      document: { guests: [{ restart: 'pending' }] },
    });

    await writeInside(host, 'moving', '/root-before-snapshot', 'one');
    await host.root.virsh([
      'snapshot-create-as',
      'moving',
      'later',
      '--disk-only',
      '--diskspec',
      `hda,file=${join(host.folder, 'later.qcow2')}`,
    ]);
    await writeInside(host, 'moving', '/root-after-snapshot', 'two');
    await host.root.virsh([
      'blockcopy',
      'moving',
      'hda',
      join(host.folder, 'moved.qcow2'),
      '--transient-job',
      '--wait',
      '--pivot',
    ]);
    await writeInside(host, 'moving', '/root-after-pivot', 'three');

    const status = await virtioize(['status', 'moving'], host.program);
    expect(status.stdout).toMatch(/hda\s+virtio \(running: ide\)\s+pending restart/);
    expect(status.stdout).not.toContain('source-drift');

    await guest.shutDown();
    expect(rootDisk(await guest.boot())).toBe('vda');
    expect(await readInside(host, 'moving', '/root-before-snapshot')).toBe('one');
    expect(await readInside(host, 'moving', '/root-after-snapshot')).toBe('two');
    expect(await readInside(host, 'moving', '/root-after-pivot')).toBe('three');
    await guest.shutDown();
  });
});
