import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { readGuestFacts } from '../../src/conversion/guest-facts.ts';
import { restartRefusals } from '../../src/conversion/restart/restart-refusals.ts';
import { findStartProblems } from '../../src/conversion/startability/startability.ts';
import type { Refusal } from '../../src/domain/finding.ts';
import { listGuests } from '../../src/virsh/guests.ts';
import { findVolume } from '../../src/virsh/pools.ts';
import { openSession, type Session } from '../../src/virsh/session.ts';
import { createSurvey } from '../../src/virsh/survey.ts';
import { type DomainSpec, domainXml } from '../definitions/domain-xml.ts';
import { createTestHost, type TestHost } from '../test-host.ts';
import { createPrivateDaemon, type PrivateDaemon } from '../testbed/private-daemon.ts';

const QEMU = '/usr/bin/qemu-system-x86_64';
const UUID_START = '6f1ed5c8-3d02-4a6b-8f5c-';

let number = 0;

/** A definition without an OS, of a UUID of its own. */
function tiny(spec: Partial<DomainSpec> & { name: string }): string {
  number += 1;
  return domainXml({ uuid: UUID_START + String(number).padStart(12, '0'), disks: [], ...spec });
}

function cdrom(source: string, target = 'hdc', bus = 'ide'): string {
  return `<disk type='file' device='cdrom'>${source}<target dev='${target}' bus='${bus}'/><readonly/></disk>`;
}

/** What speaks against restarting a guest of `uri` with its definition, as `change` made it. */
async function refusals(uri: string, name: string, change = (text: string) => text): Promise<Refusal[]> {
  return inSession(uri, async (session) => {
    const guest = (await listGuests(session)).find((one) => one.name === name);
    if (guest === undefined) throw new Error(`no guest '${name}'`);
    const facts = await readGuestFacts({ session, survey: createSurvey(session) }, guest, { secrets: true });
    return restartRefusals(session, facts, change(facts.definition));
  });
}

async function inSession<T>(uri: string, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await openSession({ uri });
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

describe('before a restart, of guests on the embedded driver', () => {
  const { PATH } = process.env;
  let host: TestHost;

  beforeAll(async () => {
    host = await createTestHost();
    process.env.PATH = host.root.env.PATH;
    await mkdir(path('share'));
    await writeFile(path('a.iso'), Buffer.alloc(2048));
    await writeFile(path('b.iso'), Buffer.alloc(2048));
  });

  afterAll(async () => {
    process.env.PATH = PATH;
    await host.dispose();
  });

  const path = (name: string): string => join(host.folder, name);
  const check = (name: string, change?: (text: string) => string) => refusals(host.root.uri, name, change);

  async function image(name: string, backing?: string): Promise<string> {
    const below = backing === undefined ? ['1M'] : [];
    const options = backing === undefined ? [] : ['-b', backing, '-F', 'qcow2'];
    await execa('qemu-img', ['create', '-q', '-f', 'qcow2', ...options, path(name), ...below]);
    return path(name);
  }

  async function run(definition: string): Promise<void> {
    await host.root.define(definition);
    await host.root.start(/<name>(.*)<\/name>/.exec(definition)?.[1] ?? '');
  }

  async function attach(name: string, device: string): Promise<void> {
    await writeFile(path('device.xml'), device);
    await host.root.virsh(['attach-device', name, path('device.xml'), '--live']);
  }

  it.each(['pc-i440fx-7.2', 'pc-q35-7.2'])(
    'nothing is said of a running %s whose host has all it needs',
    async (machine) => {
      await run(
        tiny({
          name: machine,
          machine,
          disks: [
            {
              target: 'sda',
              bus: 'sata',
              source: await image(`${machine}.qcow2`, await image(`${machine}-base.qcow2`)),
            },
          ],
          devices: `${cdrom(`<source file='${path('a.iso')}'/>`, 'sdb', 'sata')}${cdrom('', 'sdc', 'sata')}
          <interface type='user'><model type='e1000'/></interface>
          <serial type='pty'/><channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
          <graphics type='vnc' autoport='yes' passwd='s3cret'/><rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
          <watchdog model='i6300esb'/><filesystem type='mount'><source dir='${path('share')}'/><target dir='share'/></filesystem>`,
        }),
      );
      expect(await check(machine)).toEqual([]);
    },
  );

  it('a backing image that is gone is named with its disk', async () => {
    const source = await image('chain.qcow2', await image('chain-base.qcow2'));
    await run(tiny({ name: 'chain', disks: [{ target: 'sda', bus: 'sata', source }] }));
    await rm(path('chain-base.qcow2'));
    expect(await check('chain')).toEqual([
      {
        code: 'not-startable',
        disk: 'sda',
        message: `The file '${path('chain-base.qcow2')}' (a backing image of 'sda') does not exist; the guest could not be started again.`,
        hint: expect.stringContaining('virsh blockcopy chain sda FILE'),
      },
    ]);
  });

  it('a medium that is gone is, too, until it is taken out as the hint says', async () => {
    await writeFile(path('gone.iso'), Buffer.alloc(2048));
    await run(tiny({ name: 'media', devices: cdrom(`<source file='${path('gone.iso')}'/>`) }));
    await rm(path('gone.iso'));
    expect(await check('media')).toEqual([
      {
        code: 'not-startable',
        disk: 'hdc',
        message: `The file '${path('gone.iso')}' (the medium in 'hdc') does not exist; the guest could not be started again.`,
        hint: 'Bring it back, or take it out: virsh change-media media hdc --eject --config --live.',
      },
    ]);
    await host.root.virsh(['change-media', 'media', 'hdc', '--eject', '--config']);
    await host.root.virsh(['change-media', 'media', 'hdc', '--eject', '--live']);
    expect(await check('media')).toEqual([]);
  });

  it('a medium that is gone and optional is not', async () => {
    await writeFile(path('gone.iso'), Buffer.alloc(2048));
    const source = `<source file='${path('gone.iso')}' startupPolicy='optional'/>`;
    await run(tiny({ name: 'optional', devices: cdrom(source) }));
    await rm(path('gone.iso'));
    expect(await check('optional')).toEqual([]);
    await host.root.virsh(['destroy', 'optional']);
    await host.root.start('optional');
    expect(await check('optional')).toEqual([]);
  });

  it('what was attached, put in and switched on while it runs would be lost, and is listed at once', async () => {
    const definition = tiny({
      name: 'attached',
      devices: `${cdrom(`<source file='${path('a.iso')}'/>`)}${cdrom('', 'hdd')}`,
      inner: `<maxMemory slots='4' unit='MiB'>1024</maxMemory>
        <cpu mode='custom' match='exact'><model>qemu64</model><numa><cell id='0' cpus='0-3' memory='64' unit='MiB'/></numa></cpu>`,
    });
    await run(definition.replace("<vcpu placement='static'>1", "<vcpu current='1'>4"));
    expect(await check('attached')).toEqual([]);
    const source = await image('attached.qcow2');
    const virsh = (...words: string[]) => host.root.virsh([...words, '--live']);
    await virsh('attach-disk', 'attached', source, 'vdb', '--driver', 'qemu', '--subdriver', 'qcow2');
    await virsh('change-media', 'attached', 'hdc', path('b.iso'), '--update');
    await virsh('change-media', 'attached', 'hdd', path('b.iso'), '--insert');
    await virsh('setvcpus', 'attached', '3');
    await attach(
      'attached',
      "<interface type='user'><mac address='52:54:00:00:00:09'/><model type='virtio'/></interface>",
    );
    await attach(
      'attached',
      "<memory model='dimm'><target><size unit='MiB'>128</size><node>0</node></target></memory>",
    );
    await attach('attached', "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>");
    await virsh('setmem', 'attached', '32M');
    expect(await check('attached')).toEqual([
      {
        code: 'live-differs',
        message: `A power-off would lose what only the running guest has: the disk 'vdb' (${source}), the medium '${path('b.iso')}' in 'hdc' instead of '${path('a.iso')}', the medium '${path('b.iso')}' in 'hdd', the network interface 52:54:00:00:00:09, a memory module of 128 MiB, a random number generator and 2 of its 3 processors.`,
        hint: expect.stringContaining('--accept live-differs'),
      },
    ]);
  });

  it('a guest that never goes off is told apart, until its running instance is told otherwise as the hint says', async () => {
    await run(tiny({ name: 'restarts', inner: '<on_poweroff>restart</on_poweroff>' }));
    expect(await check('restarts')).toEqual([
      {
        code: 'never-off',
        message: expect.stringContaining("on_poweroff is 'restart'"),
        hint: expect.stringContaining('virsh set-lifecycle-action restarts poweroff destroy --live'),
      },
    ]);
    await host.root.virsh(['set-lifecycle-action', 'restarts', 'poweroff', 'destroy', '--live']);
    expect(await check('restarts')).toEqual([]);
  });

  it('a shared folder and a network device that are gone are named', async () => {
    const share = path('shared');
    await host.root.define(
      tiny({
        name: 'lacking',
        devices: `<filesystem type='mount'><source dir='${share}'/><target dir='s'/></filesystem><interface type='bridge'><source bridge='virtio-none'/></interface>`,
      }),
    );
    const found = await check('lacking');
    expect(found).toMatchObject([
      {
        code: 'not-startable',
        message: expect.stringContaining(`The folder '${share}' (a shared folder) does not exist`),
      },
      { code: 'not-startable', message: expect.stringContaining("The host has no network device 'virtio-none'") },
    ]);
  });

  it('what only the new definition lacks says so', async () => {
    await host.root.define(tiny({ name: 'new' }));
    const change = (text: string): string =>
      text.replace('</devices>', `${cdrom("<source file='/nowhere/new.iso'/>")}</devices>`);
    expect(await check('new', change)).toMatchObject([
      { disk: 'hdc', message: expect.stringMatching(/could not be started again with its new definition\.$/) },
    ]);
  });

  it('a machine type that QEMU does not know keeps a guest from starting, and no password is told', async () => {
    await host.root.define(tiny({ name: 'machine', devices: "<graphics type='vnc' passwd='s3cret'/>" }));
    const found = await check('machine', (text) => text.replace('pc-i440fx-7.2', 'pc-i440fx-99.9'));
    expect(found).toEqual([
      {
        code: 'not-startable',
        message: expect.stringMatching(/does not support machine type 'pc-i440fx-99.9'; .* with its new definition/),
        hint: expect.stringContaining('virsh edit machine'),
      },
    ]);
    expect(JSON.stringify(found)).not.toContain('s3cret');
  });

  it('whatever else libvirt says to the new definition alone does, too', async () => {
    await host.root.define(tiny({ name: 'refused', devices: cdrom('') }));
    const found = await check('refused', (text) =>
      text
        .replace(/<target dev='hdc' bus='ide'\/>/, "<target dev='hdc' bus='virtio'/>")
        .replace(/<address type='drive'.*/, ''),
    );
    expect(found).toMatchObject([{ code: 'not-startable', message: expect.stringContaining('ejectable media') }]);
  });

  it('a device that only works in a real start, so that libvirt can judge neither definition, is no refusal', async () => {
    const stick = "<source><vendor id='0x1234'/><product id='0x5678'/></source>";
    await host.root.define(
      tiny({ name: 'passthrough', devices: `<hostdev mode='subsystem' type='usb'>${stick}</hostdev>` }),
    );
    expect(await check('passthrough', (text) => text.replace("<boot dev='hd'/>", ''))).toEqual([]);
  });

  it('an emulator that is gone is named once', async () => {
    await writeFile(path('qemu'), `#!/bin/sh\nexec ${QEMU} "$@"\n`, { mode: 0o755 });
    await run(tiny({ name: 'emulator', devices: `<emulator>${path('qemu')}</emulator>` }));
    await rm(path('qemu'));
    expect(await check('emulator')).toMatchObject([
      { code: 'not-startable', message: expect.stringContaining(`Cannot check QEMU binary ${path('qemu')}`) },
    ]);
  });

  it('files are not judged from where the host can not be seen: on another machine, or inside a container', async () => {
    const before = tiny({
      name: 'elsewhere',
      devices: `<emulator>${QEMU}</emulator>${cdrom("<source file='/nowhere'/>")}`,
    });
    const ask = { name: 'elsewhere', before, after: before };
    await inSession(host.root.uri, async (session) => {
      expect(await findStartProblems(session, { ...ask, live: before })).toHaveLength(1);
      expect(await findStartProblems(session, { ...ask, live: before.replace(QEMU, '/elsewhere/qemu') })).toEqual([]);
      const remote = { ...session, uri: 'qemu+ssh://far-away/system' };
      expect(await findStartProblems(remote, { ...ask, live: before })).toEqual([]);
    });
  });

  it('networks and pools are not judged, as the driver knows none', async () => {
    await host.root.define(
      tiny({
        name: 'unjudged',
        devices: `<interface type='network'><source network='none'/></interface>
          <disk type='volume'><source pool='none' volume='none'/><target dev='vda'/></disk>`,
      }),
    );
    expect(await check('unjudged')).toEqual([]);
  });
});

describe('before a restart, of guests on a daemon that knows networks and pools', () => {
  let daemon: PrivateDaemon;
  let folder: string;
  let uri: string;

  beforeAll(async () => {
    daemon = await createPrivateDaemon();
    folder = await mkdtemp(join(tmpdir(), 'virtioize-restart-'));
    uri = `qemu:///system?socket=/proc/${await daemon.pid()}/root/run/libvirt/libvirt-sock`;
    await mkdir(join(folder, 'pool'));
  });

  afterAll(async () => {
    await daemon.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  async function define(command: string, definition: string): Promise<void> {
    const file = join(folder, 'definition.xml');
    await writeFile(file, definition);
    await daemon.virsh(command, file);
  }

  it('a network that is not active is named, until it is started as the hint says', async () => {
    await define('net-define', "<network><name>my net</name><forward mode='bridge'/><bridge name='none'/></network>");
    const devices =
      "<interface type='network'><mac address='52:54:00:00:00:01'/><source network='my net'/></interface>";
    await define('define', tiny({ name: 'nic', devices }));
    expect(await refusals(uri, 'nic')).toEqual([
      {
        code: 'not-startable',
        message:
          "The network 'my net' (of the interface 52:54:00:00:00:01) is not active; the guest could not be started again.",
        hint: 'Start it: virsh net-start my net.',
      },
    ]);
    await daemon.virsh('net-start', 'my net');
    expect(await refusals(uri, 'nic')).toEqual([]);
  });

  it('a pool that is not active is named, and so is a volume that it does not have', async () => {
    await daemon.virsh('pool-define-as', 'pool', 'dir', '--target', join(folder, 'pool'));
    const source = "<source pool='pool' volume='größe 1'/>";
    const devices = `<disk type='volume'>${source}<target dev='vda'/></disk>`;
    await define('define', tiny({ name: 'volume', devices }));
    expect(await refusals(uri, 'volume')).toEqual([
      {
        code: 'not-startable',
        disk: 'vda',
        message:
          "The storage pool 'pool' (it has the image of 'vda') is not active; the guest could not be started again.",
        hint: 'Start it: virsh pool-start pool.',
      },
    ]);
    await daemon.virsh('pool-start', 'pool');
    const absent = {
      code: 'not-startable',
      message: expect.stringContaining("The volume 'größe 1' of the pool 'pool'"),
    };
    expect(await refusals(uri, 'volume')).toMatchObject([absent]);
    await daemon.virsh('vol-create-as', 'pool', 'größe 1', '1M');
    expect(await refusals(uri, 'volume')).toEqual([]);
    await rm(join(folder, 'pool', 'größe 1'));
    expect(await refusals(uri, 'volume')).toMatchObject([absent]);
  });

  it('a name that virsh can not be told is not judged', async () => {
    expect(await inSession(uri, (session) => findVolume(session, 'pool', 'a\tb'))).toEqual({ kind: 'unknown' });
  });
});
