import { copyFile, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { domainXml } from '../definitions/domain-xml.ts';
import { virtioize } from '../program.ts';
import { repository } from '../repository.ts';
import { createPrivateDaemon } from '../testbed/private-daemon.ts';
import { createPrivateFleet, type FleetHost, type FleetRun, type PrivateFleet } from '../testbed/private-fleet.ts';
import { createPrivateSystemd, type PrivateSystemd } from '../testbed/private-systemd.ts';
import { until } from '../until.ts';

const COLLECTION = join(repository, 'deploy/ansible');
const HOSTS = ['canary', 'second', 'third'] as const;
type HostName = (typeof HOSTS)[number];

/** A guest chooses its name: this one's would be worked out by Ansible, were it taken for a template. */
const HOSTILE = '{{ 6 * 7 }}';

let fleet: PrivateFleet;

beforeAll(async () => {
  fleet = await createPrivateFleet(HOSTS);
  await writeFile(
    join(fleet.folder, 'hosts'),
    `[hypervisors]\n${fleet.hosts.map(({ inventory }) => inventory).join('\n')}\n`,
  );
  await control('ansible-galaxy', 'collection', 'build', COLLECTION, '--output-path', fleet.folder);
  const archive = (await readdir(fleet.folder)).find((name) => name.endsWith('.tar.gz')) ?? '';
  const installed = await control('ansible-galaxy', 'collection', 'install', '-p', 'collections', archive);
  expect(installed).toMatchObject({ status: 0 });
  for (const { name } of fleet.hosts) await define(name, 'web');
  await define('second', 'stuck');
  await define('third', HOSTILE);
}, 300_000);

afterAll(() => fleet?.dispose());

/** Run one of Ansible's programs as an admin would, with the collection installed. */
async function control(...words: string[]): Promise<FleetRun> {
  return fleet.run(['env', `--chdir=${fleet.folder}`, ...words], {
    HOME: join(fleet.folder, 'home'),
    ANSIBLE_COLLECTIONS_PATH: join(fleet.folder, 'collections'),
    ANSIBLE_INVENTORY: join(fleet.folder, 'hosts'),
    ANSIBLE_LOCAL_TEMP: join(fleet.folder, 'temporary'),
    ANSIBLE_NOCOLOR: '1',
    ANSIBLE_PIPELINING: '1',
    ANSIBLE_SSH_CONTROL_PATH_DIR: join(fleet.folder, 'ssh'),
  });
}

interface Play extends FleetRun {
  /** For each host that was begun, how many tasks ended in which way. */
  readonly recap: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

async function play(playbook: string, variables: object, ...words: string[]): Promise<Play> {
  const run = await control('ansible-playbook', playbook, '--extra-vars', JSON.stringify(variables), ...words);
  const lines = run.output.split('PLAY RECAP')[1]?.matchAll(/^(\w+)\s+: (.*)$/gm) ?? [];
  const counts = (text: string): Record<string, number> =>
    Object.fromEntries([...text.matchAll(/(\w+)=(\d+)/g)].map(([, word, count]) => [word, Number(count)]));
  return { ...run, recap: Object.fromEntries([...lines].map(([, host, text]) => [host, counts(text ?? '')])) };
}

/** The collection's own playbook; root is who logs in. */
async function convertFleet(waves: readonly (number | string)[], ...words: string[]): Promise<Play> {
  return play('virtioize.libvirt.convert', { virtioize_become: false, virtioize_waves: waves }, ...words);
}

/** A task on its own on one host: what the module returned. */
async function task(host: HostName, module: string, options: object, ...words: string[]): Promise<TaskResult> {
  // Ansible takes no empty object for options.
  const args = Object.keys(options).length === 0 ? [] : ['--args', JSON.stringify(options)];
  const said = ['--module-name', `virtioize.libvirt.${module}`, ...args];
  const { output } = await control('ansible', host, '--one-line', ...said, ...words);
  const [, state = '', json = '{}'] = /^\w+ \| (\w+!?)\s*(?:\(\w+\) )?=> (\{.*\})$/m.exec(output) ?? [];
  if (state === '') throw new Error(output);
  return { state, output, ...JSON.parse(json) };
}

interface TaskResult {
  readonly state: string;
  readonly output: string;
  readonly changed: boolean;
  readonly msg?: string;
  readonly warnings?: readonly string[];
  readonly error?: { readonly code: string };
  readonly guests?: readonly { readonly name: string; readonly outcome: string }[];
  readonly changed_guests?: readonly string[];
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

describe('the collection', () => {
  it('is as ansible-lint wants it for production, and yamllint', async () => {
    const place = ['env', `--chdir=${COLLECTION}`];
    expect(await control(...place, 'ansible-lint', '--offline', '--strict', '--nocolor')).toMatchObject({
      status: 0,
      output: expect.stringContaining('Passed with production profile: 0 failure(s), 0 warning(s)'),
    });
    expect(await control(...place, 'yamllint', '--strict', '.')).toEqual({ status: 0, output: '' });
  });

  it.each(['convert', 'check'])('ansible-doc shows the module %s, each option with what it is', async (module) => {
    const { status, output } = await control('ansible-doc', '--json', `virtioize.libvirt.${module}`);
    expect(status).toBe(0);
    const { doc, examples } = JSON.parse(output)[`virtioize.libvirt.${module}`];
    expect(examples).toContain(`virtioize.libvirt.${module}:`);
    expect(Object.keys(doc.options)).toEqual(expect.arrayContaining(['guests', 'exclude', 'connect', 'executable']));
    expect((await control('ansible-doc', `virtioize.libvirt.${module}`)).output).toContain('RETURN VALUES:');
  });

  it('ansible-doc shows the role', async () => {
    const { output } = await control('ansible-doc', '--type', 'role', 'virtioize.libvirt.virtioize');
    expect(output).toMatch(/virtioize_config\n[\s\S]*virtioize_package\n/);
  });

  it("its modules are written in the Python of the oldest hosts that Ansible manages, as far as Python's own parser tells", async () => {
    const script = 'import ast, sys; [ast.parse(open(f).read(), f, feature_version=(3, 5)) for f in sys.argv[1:]]';
    const folder = join(COLLECTION, 'plugins');
    const files = (await filesBelow(folder)).filter((file) => file.endsWith('.py')).map((file) => join(folder, file));
    expect(files.length).toBeGreaterThan(4);
    expect(await control('python3', '-c', script, ...files)).toEqual({ status: 0, output: '' });
  });
});

/** The rules of the fleet: on the admin's word, guests called web have the driver, and so has the one with the odd name. */
const CONFIG = {
  attest: [{ guests: ['web', '*6*'], reason: 'made from one template, tried on virtio', expires: '9999-12-31' }],
  reports: { json: '/var/lib/virtioize/check.json' },
};

const METRICS = '/var/lib/virtioize/metrics/virtioize.prom';

describe('the role, on hosts that have the program', () => {
  const role = async (config: object, ...words: string[]): Promise<Play> => {
    const roles = [{ role: 'virtioize.libvirt.virtioize' }];
    const playbook = join(fleet.folder, 'role.yml');
    await writeFile(playbook, JSON.stringify([{ hosts: 'hypervisors', gather_facts: false, roles }]));
    return play(playbook, { virtioize_config: config, virtioize_metrics_file: METRICS }, ...words);
  };
  it('check mode shows the configuration and writes nothing', async () => {
    const before = await everything();
    const { output, recap } = await role(CONFIG, '--check', '--diff', '--limit', 'canary');
    expect(recap).toMatchObject({ canary: { failed: 0, changed: 3 } });
    expect(output).toMatch(/^\+attest:\n\+- guests:\n\+ {2}- web$/m);
    expect(await everything()).toEqual(before);
  });

  it('puts it in place, with the metrics', async () => {
    expect((await role(CONFIG, '--limit', 'canary')).status).toBe(0);
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

/** The role on a host with a systemd, run by that host's own Ansible. */
async function withSystemd(use: (host: SystemdHost) => Promise<void>): Promise<void> {
  const daemon = await createPrivateDaemon();
  const systemd = await createPrivateSystemd(daemon, join(repository, 'deploy/systemd')).catch(
    async (error: unknown) => {
      await daemon.dispose();
      throw error;
    },
  );
  try {
    // It knows the units of one folder alone: let that be the admin's, which usually is another one than a package's.
    await systemd.run('mount', '--bind', systemd.units, '/etc/systemd/system');
    await cp(join(fleet.folder, 'collections'), join(systemd.root, 'tmp/collections'), { recursive: true });
    const roles = [{ role: 'virtioize.libvirt.virtioize' }];
    const playbook = [{ hosts: 'localhost', connection: 'local', gather_facts: false, roles }];
    await writeFile(join(systemd.root, 'tmp/role.yml'), JSON.stringify(playbook));
    const env = ['PATH=/usr/local/bin:/usr/bin:/bin', 'LC_ALL=C.UTF-8', 'HOME=/tmp', 'ANSIBLE_NOCOLOR=1'];
    const words = ['env', ...env, 'ANSIBLE_COLLECTIONS_PATH=/tmp/collections', 'ansible-playbook', '/tmp/role.yml'];
    await use({
      systemd,
      async role(variables) {
        const said = JSON.stringify({ ansible_python_interpreter: '/usr/bin/python3', ...variables });
        return (await systemd.run(...words, '--extra-vars', said)).stdout;
      },
    });
  } finally {
    await systemd.dispose();
    await daemon.dispose();
  }
}

interface SystemdHost {
  readonly systemd: PrivateSystemd;
  /** Run the role, and return what Ansible wrote. */
  role(variables: object): Promise<string>;
}

describe('the role, on a host with a systemd', () => {
  it('enables the timer that is wanted, lets it write the metrics, has it checked now; and undoes that', async () => {
    await withSystemd(async ({ systemd, role }) => {
      const isActive = async (): Promise<string> =>
        (await systemd.run('systemctl', 'is-active', 'virtioize-check.timer', 'virtioize-convert.timer')).stdout;
      const metrics = '/var/lib/collector/virtioize.prom';
      const wanted = { virtioize_check_timer: true, virtioize_metrics_file: metrics };
      expect(await role(wanted)).toMatch(/changed=[1-9]\d*\s.* failed=0/);
      expect(await isActive()).toBe('active\ninactive');
      expect(await systemd.show('virtioize-check.service', 'ReadWritePaths')).toEqual({
        ReadWritePaths: expect.stringMatching(/ \/var\/lib\/collector$/),
      });
      const isWritten = async (): Promise<boolean> =>
        (await readFile(join(systemd.root, metrics), 'utf8').catch(() => '')).includes('virtioize_guests');
      await until('the check that the role began has written the metrics', isWritten);

      expect(await role(wanted)).toMatch(/changed=0 .* failed=0/);

      expect(await role({})).toMatch(/changed=1 .* failed=0/);
      expect(await isActive()).toBe('inactive\ninactive');
    });
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
    expect(await task('second', 'convert', options)).toMatchObject({ state: 'CHANGED', changed_guests: ['stuck'] });
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
    const checked = await task('canary', 'check', {}, '--check');
    expect(checked).toMatchObject({ state: 'FAILED!', changed: false, noncompliant_guests: ['stuck'] });
    expect(checked.msg).toMatch(/^Not compliant: stuck \(VIO-001 /);
    expect(await readFile(report, 'utf8')).toBe(before);
    expect(await task('canary', 'check', { noncompliant: 'ignore' })).toMatchObject({ state: 'SUCCESS' });
    expect(await readFile(report, 'utf8')).not.toBe(before);
  });

  it('what a refused guest does to it is for the options to say', async () => {
    const all = { all: true, exclude: ['nobody'] };
    const warned = await task('canary', 'convert', { ...all, refused: 'warn' });
    expect(warned).toMatchObject({
      state: 'SUCCESS',
      changed: false,
      warnings: [expect.stringMatching(/^Refused.*stuck/)],
    });
    expect(await task('canary', 'convert', { ...all, refused: 'ignore' })).not.toHaveProperty('warnings');
    expect(await buses('canary')).toEqual({ stuck: 'ide', web: 'virtio' });
  });

  it.each([
    ['is not there', 'virtioize-elsewhere', /is not on this host: there is no program 'virtioize-elsewhere'/],
    ['prints no JSON', '/bin/echo', /printed no JSON that this collection understands \(exit status 0\)/],
  ])('fails in a way that can be understood where the program %s', async (_, executable, message) => {
    expect(await task('canary', 'convert', { all: true, executable })).toMatchObject({
      state: 'FAILED!',
      msg: expect.stringMatching(message),
    });
  });

  it('fails with the message and the next step of a run that could not be done', async () => {
    const unknown = await task('canary', 'convert', { guests: ['wep'] });
    expect(unknown).toMatchObject({ state: 'FAILED!', exit_status: 64, error: { code: 'no-such-guest' } });
    expect(unknown.msg).toMatch(/No guest matches 'wep'. -> Did you mean 'web'/);
    expect(await task('canary', 'convert', {})).toMatchObject({
      state: 'FAILED!',
      exit_status: 64,
      error: { code: 'usage' },
    });
  });

  it('no value becomes an option, nor a command: there is no shell', async () => {
    const options = { guests: ['--yes', '$(touch /run/ran)'], exclude: ['--all'], reason: '$HOME; touch /run/ran' };
    expect(await task('canary', 'convert', options)).toMatchObject({
      error: { code: 'no-such-guest', message: expect.stringContaining("'--yes'") },
      cmd: expect.arrayContaining(['--exclude=--all', '--reason=$HOME; touch /run/ran', '--', '$(touch /run/ran)']),
    });
    expect(await readdir(join(host('canary').root, 'run'))).not.toContain('ran');
  });

  it('the undo is the command line', async () => {
    const { uri, enter } = host('canary').daemon;
    const run = await virtioize(['rollback', 'web'], { uri, enter, stateDir: '/var/lib/virtioize' });
    expect(run).toMatchObject({ status: 0 });
    expect(await buses('canary')).toMatchObject({ web: 'ide' });
  });
});
