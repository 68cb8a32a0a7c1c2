import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { domainXml } from '../definitions/domain-xml.ts';
import { ownVersion, virtioize } from '../program.ts';
import { type ControlNode, createControl, type Play } from '../testbed/ansible-control.ts';
import { type BuiltPackages, buildPackages } from '../testbed/built-packages.ts';
import { createPrivateFleet, type FleetHost, type PrivateFleet } from '../testbed/private-fleet.ts';

const HOSTS = ['canary', 'second', 'third'];

/** A guest chooses its name: this one's would be worked out by Ansible, were it taken for a template. */
const HOSTILE = '{{ 6 * 7 }}';

let packages: BuiltPackages;
let fleet: PrivateFleet;
let control: ControlNode;

beforeAll(async () => {
  packages = await buildPackages(1);
  fleet = await createPrivateFleet(HOSTS);
  await writeFile(
    join(fleet.folder, 'hosts'),
    `[hypervisors]\n${fleet.hosts.map(({ inventory }) => inventory).join('\n')}\n`,
  );
  control = createControl(fleet);
  await control.installCollection();
  for (const { name } of fleet.hosts) await define(name, 'web');
  await define('second', 'stuck');
  await define('third', HOSTILE);
});

afterAll(async () => {
  await fleet?.dispose();
  if (packages !== undefined) await rm(packages.folder, { recursive: true, force: true });
});

/** The collection's own playbook; root is who logs in. */
async function convertFleet(waves: readonly (number | string)[], ...words: string[]): Promise<Play> {
  return control.play('virtioize.libvirt.convert', { virtioize_become: false, virtioize_waves: waves }, ...words);
}

function host(name: string): FleetHost {
  const found = fleet.hosts.find((one) => one.name === name);
  if (found === undefined) throw new Error(name);
  return found;
}

async function define(on: string, name: string): Promise<void> {
  const { daemon, root } = host(on);
  const uuid = `6f1ed5c8-3d02-4a6b-8f5c-0000000000${Buffer.from(name).toString('hex').slice(0, 2)}`;
  const xml = domainXml({ name, uuid, disks: [{ target: 'hda', bus: 'ide' }] });
  await writeFile(join(root, 'run/definition.xml'), xml);
  await daemon.virsh('define', '/run/definition.xml');
}

/** The bus of each guest's disk, as the host's libvirt has it. */
async function buses(on: string): Promise<Record<string, string | undefined>> {
  const { daemon } = host(on);
  const names = (await daemon.virsh('list', '--all', '--name')).split('\n').filter(Boolean).sort();
  const entries: [string, string | undefined][] = [];
  for (const name of names)
    entries.push([name, /<target dev='\w+' bus='(\w+)'/.exec(await daemon.virsh('dumpxml', '--inactive', name))?.[1]]);
  return Object.fromEntries(entries);
}

/** All that may change on the hosts: definitions to the letter, and virtioize's files, of which a check writes its reports anew. */
async function everything(): Promise<unknown> {
  return Promise.all(
    fleet.hosts.map(async ({ daemon, root }) => {
      const names = (await daemon.virsh('list', '--all', '--name')).split('\n').filter(Boolean);
      const definitions: string[] = [];
      for (const name of names) definitions.push(await daemon.virsh('dumpxml', '--inactive', '--security-info', name));
      const files = await Promise.all(
        ['var/lib/virtioize', 'etc/virtioize'].map((folder) => filesBelow(join(root, folder))),
      );
      return { definitions, files };
    }),
  );
}

async function filesBelow(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true }).catch(() => [])).sort();
}

/** The rules of the fleet: on the admin's word, guests called web have the driver, and so has the one with the odd name. */
const CONFIG = {
  attest: [{ guests: ['web', '*6*'], reason: 'made from one template, tried on virtio', expires: '9999-12-31' }],
  reports: { json: '/var/lib/virtioize/check.json' },
};

const METRICS = '/var/lib/virtioize/metrics/virtioize.prom';

describe('the role', () => {
  const role = async (config: object, ...words: string[]): Promise<Play> => {
    const roles = [{ role: 'virtioize.libvirt.virtioize' }];
    const playbook = join(fleet.folder, 'role.yml');
    await writeFile(playbook, JSON.stringify([{ hosts: 'hypervisors', gather_facts: false, roles }]));
    return control.play(playbook, { virtioize_config: config, virtioize_metrics_file: METRICS }, ...words);
  };
  it('check mode shows the configuration and writes nothing', async () => {
    const before = await everything();
    const { output, recap } = await role(CONFIG, '--check', '--diff', '--limit', 'canary');
    expect(recap).toMatchObject({ canary: { failed: 0, changed: 3 } });
    expect(output).toMatch(/^\+attest:\n\+- guests:\n\+ {2}- web$/m);
    expect(await everything()).toEqual(before);
  });

  it('installs the package, and puts the configuration in place, with the metrics', async () => {
    const place = host('canary').root;
    await rm(join(place, 'usr/local/bin/virtioize'));
    const { status, output } = await role(
      CONFIG,
      '--limit',
      'canary',
      '--extra-vars',
      `virtioize_package=${packages.deb}`,
    );
    expect({ status, output }).toMatchObject({ status: 0 });
    const { stdout } = await execa('chroot', [place, 'virtioize', '--version']);
    expect(stdout).toBe(await ownVersion());
    const [canary = '', ...others] = fleet.hosts.map(({ root }) => join(root, 'etc/virtioize/config.yaml'));
    expect(await readFile(canary, 'utf8')).toMatch(/^attest:\n[\s\S]*^ {2}prometheus: .*virtioize.prom$/m);
    // the others get the same, without waiting for it
    for (const config of others) {
      await mkdir(dirname(config));
      await copyFile(canary, config);
      await mkdir(join(config, '../../..', dirname(METRICS)), { recursive: true });
    }
  });

  it('leaves the configuration as it is where the program finds the new one wrong, and says what is wrong', async () => {
    const before = await everything();
    const { status, output } = await role({ jobs: 'many', attest: [{ guests: ['*'] }] }, '--limit', 'canary');
    expect(status).toBe(2);
    expect(output).toMatch(/stays as it was.*jobs.*attest/);
    expect(await everything()).toEqual(before);
  });
});

describe('a fleet, wave by wave', () => {
  it('check mode shows what would change, to the line, and changes nothing', async () => {
    const before = await everything();
    const { status, output, recap } = await convertFleet(['100%'], '--check', '--diff', '--limit', 'third');
    expect({ status, recap }).toMatchObject({ status: 0, recap: { third: { changed: 1 } } });
    expect(output).toMatch(/^guest web\n--- before.xml.*\n\+\+\+ after.xml/m);
    expect(output).toMatch(
      /^-\s+<target dev='hda' bus='ide'\/>\n-\s+<address .*\n\+\s+<target dev='vda' bus='virtio'\/>$/m,
    );
    expect(output).toContain(`guest ${HOSTILE}\n`);
    expect(await everything()).toEqual(before);
  });

  it('a canary whose libvirt is down stops the fleet before any other host is touched', async () => {
    const { daemon } = host('canary');
    const before = await everything();
    await daemon.kill();
    const { status, output, recap } = await convertFleet([1, '100%']);
    await daemon.start();
    expect({ status, hosts: Object.keys(recap) }).toEqual({ status: 2, hosts: ['canary'] });
    expect(output).toMatch(/"code": "libvirt-unreachable"/);
    expect(output).toMatch(/"msg": ".*-> .*"/);
    expect(await everything()).toEqual(before);
  });

  it('a refused guest on one host of a wave stops the fleet after that wave', async () => {
    const { status, output, recap } = await convertFleet([2, '100%']);
    expect({ status, hosts: Object.keys(recap) }).toEqual({ status: 2, hosts: ['canary', 'second'] });
    expect(recap).toMatchObject({ canary: { changed: 1, failed: 0 }, second: { failed: 1 } });
    expect(output).toMatch(/"msg": "Refused, and is as it was: stuck \(no-driver-evidence: .* -> .*\)/);
    expect(await buses('canary')).toEqual({ web: 'virtio' });
    expect(await buses('second')).toEqual({ stuck: 'ide', web: 'virtio' });
    expect(await buses('third')).toEqual({ web: 'ide', [HOSTILE]: 'ide' });
  });

  it('once that is mended it takes up where it stopped, wave by wave, and leaves what is done', async () => {
    const options = { guests: ['stuck'], assume_driver: true, reason: 'booted from virtio by hand' };
    expect(await control.task('second', 'convert', options)).toMatchObject({
      state: 'CHANGED',
      changed_guests: ['stuck'],
    });
    const { status, output, recap } = await convertFleet([1, 1, '100%']);
    expect({ status, recap }).toMatchObject({
      status: 0,
      recap: { canary: { changed: 0 }, second: { changed: 0 }, third: { changed: 1 } },
    });
    expect(output.split('\nPLAY [')).toHaveLength(4);
    expect(await buses('third')).toEqual({ web: 'virtio', [HOSTILE]: 'virtio' });
  });

  it('a further run changes nothing', async () => {
    const before = await everything();
    const { status, recap } = await convertFleet(['100%']);
    expect({ status, recap }).toMatchObject({
      status: 0,
      recap: { canary: { changed: 0 }, second: { changed: 0 }, third: { changed: 0 } },
    });
    expect(await everything()).toEqual(before);
  });
});

describe('a task on its own', () => {
  it('a check says who breaks a rule, fails, and in check mode writes no report', async () => {
    await define('canary', 'stuck');
    const report = join(host('canary').root, 'var/lib/virtioize/check.json');
    const before = await readFile(report, 'utf8');
    const checked = await control.task('canary', 'check', {}, '--check');
    expect(checked).toMatchObject({ state: 'FAILED!', changed: false, noncompliant_guests: ['stuck'] });
    expect(checked.msg).toMatch(/^Not compliant: stuck \(VIO-001 /);
    expect(await readFile(report, 'utf8')).toBe(before);
    expect(await control.task('canary', 'check', { noncompliant: 'ignore' })).toMatchObject({ state: 'SUCCESS' });
    expect(await readFile(report, 'utf8')).not.toBe(before);
  });

  it('what a refused guest does to it is for the options to say', async () => {
    const all = { all: true, exclude: ['nobody'] };
    const warned = await control.task('canary', 'convert', { ...all, refused: 'warn' });
    expect(warned).toMatchObject({
      state: 'SUCCESS',
      changed: false,
      warnings: [expect.stringMatching(/^Refused.*stuck/)],
    });
    expect(await control.task('canary', 'convert', { ...all, refused: 'ignore' })).not.toHaveProperty('warnings');
    expect(await buses('canary')).toEqual({ stuck: 'ide', web: 'virtio' });
  });

  it.each([
    ['is not there', 'virtioize-elsewhere', /is not on this host: there is no program 'virtioize-elsewhere'/],
    ['prints no JSON', '/bin/echo', /printed no JSON that this collection understands \(exit status 0\)/],
  ])('fails in a way that can be understood where the program %s', async (_, executable, message) => {
    expect(await control.task('canary', 'convert', { all: true, executable })).toMatchObject({
      state: 'FAILED!',
      msg: expect.stringMatching(message),
    });
  });

  it('fails with the message and the next step of a run that could not be done', async () => {
    const unknown = await control.task('canary', 'convert', { guests: ['wep'] });
    expect(unknown).toMatchObject({ state: 'FAILED!', exit_status: 64, error: { code: 'no-such-guest' } });
    expect(unknown.msg).toMatch(/No guest matches 'wep'. -> Did you mean 'web'/);
    expect(await control.task('canary', 'convert', {})).toMatchObject({
      state: 'FAILED!',
      exit_status: 64,
      error: { code: 'usage' },
    });
  });

  it('no value becomes an option, nor a command: there is no shell', async () => {
    const options = { guests: ['--yes', '$(touch /run/ran)'], exclude: ['--all'], reason: '$HOME; touch /run/ran' };
    expect(await control.task('canary', 'convert', options)).toMatchObject({
      error: { code: 'no-such-guest', message: expect.stringContaining("'--yes'") },
      cmd: expect.arrayContaining(['--exclude=--all', '--reason=$HOME; touch /run/ran', '--', '$(touch /run/ran)']),
    });
    expect(await readdir(join(host('canary').root, 'run'))).not.toContain('ran');
  });

  it('a name that a guest has chosen is no template, wherever it is used', async () => {
    const tasks = [
      { 'virtioize.libvirt.check': {}, register: 'checked' },
      { 'ansible.builtin.debug': { msg: "names: {{ checked.guests | map(attribute='name') | join(' ') }}" } },
    ];
    const playbook = join(fleet.folder, 'names.yml');
    await writeFile(playbook, JSON.stringify([{ hosts: 'third', gather_facts: false, tasks }]));
    expect((await control.play(playbook, {})).output).toContain(`"msg": "names: web ${HOSTILE}"`);
  });

  it('the undo is the command line', async () => {
    const { uri, enter } = host('canary').daemon;
    const run = await virtioize(['rollback', 'web'], { uri, enter, stateDir: '/var/lib/virtioize' });
    expect(run).toMatchObject({ status: 0 });
    expect(await buses('canary')).toMatchObject({ web: 'ide' });
  });
});
