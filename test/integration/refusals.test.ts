import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { domainXml } from '../definitions/domain-xml.ts';
import { type GuestJson, virtioize, virtioizeJson } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { until } from '../until.ts';

const VOUCHED = ['--assume-driver', '--reason', 'seen its modules'];

let host: TestHost;
let image: string;

beforeAll(async () => {
  host = await createTestHost();
  image = join(host.folder, 'disk.qcow2');
}, 120_000);

afterEach(async () => {
  await host.root.destroyAll();
  for (const uuid of (await host.root.virsh(['list', '--all', '--uuid'])).split('\n').filter(Boolean)) {
    await host.root.virsh(['undefine', uuid, '--snapshots-metadata', '--checkpoints-metadata', '--managed-save']);
  }
});

afterAll(async () => host.dispose());

/** A guest with a real disk and no system on it. */
async function define(disks = [{ target: 'hda', bus: 'ide' }]): Promise<string> {
  await execa('qemu-img', ['create', '-q', '-f', 'qcow2', image, '16M']);
  const withSources = disks.map((disk) => ({
    ...disk,
    source: disk.target === 'hda' ? image : join(host.folder, `${disk.target}.qcow2`),
  }));
  for (const { source } of withSources) await execa('qemu-img', ['create', '-q', '-f', 'qcow2', source, '16M']);
  await host.root.define(domainXml({ name: 'g', disks: withSources }));
  return host.definition('g');
}

async function convert(
  ...words: string[]
): Promise<{ status: number | undefined; guest: GuestJson | undefined; stderr: string }> {
  const { status, document, stderr } = await virtioizeJson(['convert', 'g', ...VOUCHED, ...words], host.program);
  return { status, guest: document.guests[0], stderr };
}

async function expectRefused(code: string, disk?: string): Promise<void> {
  const before = await host.definition('g');
  const { status, guest } = await convert();
  expect({ status, outcome: guest?.outcome }).toEqual({ status: 2, outcome: 'refused' });
  const refusal = guest?.refusals.find((one) => one.code === code);
  expect(refusal).toMatchObject(disk === undefined ? { code } : { code, disk });
  expect(refusal?.hint).not.toBe('');
  expect(await host.definition('g')).toBe(before);
}

describe('refused and left as it is is a guest', () => {
  it('that is transient', async () => {
    const file = join(host.folder, 'transient.xml');
    await execa('qemu-img', ['create', '-q', '-f', 'qcow2', image, '16M']);
    await writeFile(file, domainXml({ name: 'g', disks: [{ target: 'hda', bus: 'ide', source: image }] }));
    await host.root.virsh(['create', file]);
    await expectRefused('transient-guest');
    expect(await host.root.virsh(['list', '--transient', '--name'])).toContain('g');
    expect(
      (await virtioize(['convert', 'g', '--accept', 'transient-guest', '--reason', 'x'], host.program)).status,
    ).toBe(64);
  });

  it('that is paused', async () => {
    await define();
    await host.root.virsh(['start', 'g', '--paused']);
    await expectRefused('guest-busy');
  });

  it('that has a managed save, until its admin accepts that', async () => {
    await define();
    await host.root.start('g');
    await host.root.virsh(['managedsave', 'g']);
    await expectRefused('managed-save');
    const { status, guest } = await convert('--accept', 'managed-save');
    expect({ status, guest }).toMatchObject({ status: 0, guest: { outcome: 'converted' } });
    const { stdout } = await virtioize(['status', 'g'], host.program);
    expect(stdout).toMatch(/virtio \(running: ide\)\s+pending restart/);
  });

  it('with a block job on a disk', async () => {
    await define();
    await host.root.start('g');
    await host.root.virsh(['blockcopy', 'g', 'hda', join(host.folder, 'copy.qcow2'), '--transient-job']);
    await expectRefused('block-job', 'hda');
    await host.root.virsh(['blockjob', 'g', 'hda', '--abort']);
  });

  it('whose running disk is another image than the definition says; --adopt-live-source mends that', async () => {
    await define();
    await host.root.start('g');
    const stored = await host.definition('g');
    const old = join(host.folder, 'old.qcow2');
    await host.root.define(stored.replace(image, old));
    await expectRefused('source-drift', 'hda');
    const adopted = await virtioizeJson(['recover', '--adopt-live-source', 'g'], host.program);
    expect(adopted).toMatchObject({ status: 0, document: { guests: [{ outcome: 'converted' }] } });
    expect(await host.definition('g')).toBe(stored);
    expect((await convert()).status).toBe(0);
  });

  it('that runs and has a disk whose name would collide', async () => {
    await define([
      { target: 'hda', bus: 'ide' },
      { target: 'vda', bus: 'virtio' },
    ]);
    await host.root.start('g');
    await expectRefused('name-collision', 'hda');
  });

  it('whose definition libvirt does not take, with its own words', async () => {
    const before = await define();
    // A fake refusal: no definition that this libvirt printed is one that it refuses, so a virsh in between says no.
    const bin = join(host.folder, 'refusing');
    await execa('mkdir', ['-p', bin]);
    const script = `#!/bin/sh\nexec sed -u 's/^define .*/define \\/nonexistent.xml/' | virsh-real "$@"\n`;
    await writeFile(join(bin, 'virsh'), script.replace('virsh-real', `${host.root.dir}/bin/virsh`), { mode: 0o755 });
    const env = { ...host.program.env, PATH: `${bin}:${host.program.env?.PATH}` };
    const { status, document } = await virtioizeJson(['convert', 'g', ...VOUCHED], { ...host.program, env });
    expect(status).toBe(1);
    expect(document.guests).toMatchObject([{ outcome: 'failed', error: { code: 'command-failed' } }]);
    expect(document.guests[0]?.error?.message).toContain('No such file or directory');
    expect(await host.definition('g')).toBe(before);
  });
});

describe('snapshots', () => {
  it('keep the names of a guest that is off, with a warning that a revert brings the old bus back', async () => {
    await define();
    await host.root.virsh(['snapshot-create-as', 'g', 'clean']);
    const { status, guest } = await convert();
    expect(status).toBe(0);
    expect(guest?.disks).toMatchObject([{ from: { target: 'hda', bus: 'ide' }, to: { target: 'hda', bus: 'virtio' } }]);
    expect(guest?.warnings.find(({ code }) => code === 'snapshots')?.message).toContain('brings the old bus back');
    await host.root.virsh(['snapshot-delete', 'g', 'clean']);
  });

  it('are in the way where a name must change, unless the admin accepts it', async () => {
    await define([
      { target: 'hda', bus: 'ide' },
      { target: 'vda', bus: 'virtio' },
    ]);
    await host.root.virsh(['snapshot-create-as', 'g', 'clean']);
    await expectRefused('snapshots');
    const { status, guest } = await convert('--accept', 'snapshots');
    expect(status).toBe(0);
    expect(guest?.disks).toMatchObject([{ to: { target: 'vdb' } }]);
  });

  it('outside the image keep the names as well, and can be deleted after the conversion', async () => {
    await define();
    await host.root.start('g');
    await host.root.virsh([
      'snapshot-create-as',
      'g',
      'ext',
      '--disk-only',
      '--diskspec',
      `hda,file=${join(host.folder, 'ext.qcow2')}`,
    ]);
    const { status, guest } = await convert();
    expect(status).toBe(0);
    expect(guest?.warnings.map(({ code }) => code)).toEqual(expect.arrayContaining(['snapshots', 'name-kept']));
    expect(guest?.warnings.find(({ code }) => code === 'snapshots')?.message).toContain('keep their names');
    expect(await host.definition('g')).toMatch(/ext\.qcow2[\s\S]*dev='hda' bus='virtio'/);
  });

  it('are told to suffer where the admin has the disks renamed all the same', async () => {
    await define();
    await host.root.start('g');
    const file = join(host.folder, 'renamed.qcow2');
    await host.root.virsh(['snapshot-create-as', 'g', 'ext', '--disk-only', '--diskspec', `hda,file=${file}`]);
    const { guest } = await convert('--rename', '--dry-run');
    expect(guest?.disks).toMatchObject([{ from: { target: 'hda' }, to: { target: 'vda' } }]);
    expect(guest?.warnings.find(({ code }) => code === 'snapshots')?.message).toContain('may make useless');
  });

  it('with checkpoints: the names stay, and deleting them leaves nothing behind', async () => {
    await define();
    await host.root.start('g');
    await host.root.virsh(['checkpoint-create-as', 'g', 'cp1']);
    const { status, guest } = await convert();
    expect(status).toBe(0);
    expect(guest?.warnings.map(({ code }) => code)).toContain('checkpoints');
    await host.root.virsh(['checkpoint-delete', 'g', 'cp1']);
    await host.root.destroyAll();
    const { stdout } = await execa('qemu-img', ['info', image]);
    expect(stdout).not.toContain('bitmaps');
  });
});

describe('a pending guest', () => {
  it('is told as such, is not backed up again, and gets its final names once it is off', async () => {
    await define([
      { target: 'hda', bus: 'ide' },
      { target: 'hdb', bus: 'ide' },
    ]);
    await host.root.start('g');
    const first = await convert();
    expect(first.guest).toMatchObject({ outcome: 'converted', restart: 'pending' });
    expect(await host.definition('g')).toMatch(/dev='hda' bus='virtio'[\s\S]*dev='hdb' bus='virtio'/);
    const { stdout } = await virtioize(['status'], host.program);
    expect(stdout).toMatch(/hda\s+virtio \(running: ide\)\s+pending restart/);

    const second = await convert();
    expect(second.guest).toMatchObject({
      outcome: 'converted',
      restart: 'pending',
      conversionId: first.guest?.conversionId,
    });

    await host.root.destroyAll();
    const third = await convert();
    expect(third.guest).toMatchObject({
      outcome: 'converted',
      restart: 'not-needed',
      disks: [{ from: { target: 'hda', bus: 'virtio' }, to: { target: 'vda' } }, { to: { target: 'vdb' } }],
    });
    expect((await convert()).guest).toMatchObject({ outcome: 'compliant' });

    const { document } = await virtioizeJson(['rollback', 'g'], host.program);
    expect(document.guests).toMatchObject([
      {
        outcome: 'rolled-back',
        disks: [{ from: { target: 'vda' }, to: { target: 'hda', bus: 'ide' } }, { to: { target: 'hdb', bus: 'ide' } }],
      },
    ]);
    expect(await host.definition('g')).toMatch(/dev='hda' bus='ide'[\s\S]*dev='hdb' bus='ide'/);
  });

  it('whose image moved by a pivot goes back to the image that it has now', async () => {
    await define();
    await host.root.start('g');
    await convert();
    const moved = join(host.folder, 'moved.qcow2');
    await host.root.virsh(['blockcopy', 'g', 'hda', moved, '--transient-job', '--wait', '--pivot']);
    await until('its definition has the new image', async () => (await host.definition('g')).includes(moved));
    const { document } = await virtioizeJson(['rollback', 'g'], host.program);
    expect(document.guests).toMatchObject([{ outcome: 'rolled-back', restart: 'not-needed' }]);
    expect(await host.definition('g')).toMatch(/moved\.qcow2[\s\S]*dev='hda' bus='ide'/);
  });
});
