import { mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { domainXml } from '../definitions/domain-xml.ts';
import { type ProgramRun, virtioize, WITHOUT_LIBGUESTFS } from '../program.ts';
import { repository } from '../repository.ts';
import { createTestHost, type TestHost } from '../test-host.ts';

const NIGHTLY = ['convert', '--all', '--yes', '-q', '--assume-driver', '--reason', 'a test of quiet nights'];
const GUESTS = ['idle', 'web', 'held'];

let host: TestHost;

beforeAll(async () => {
  host = await createTestHost();
  await define('idle', ['hda']);
  await define('web', ['hda']);
  await define('held', ['hda', 'vda']); // its running disk can not keep its name: that one is taken
  for (const name of ['web', 'held']) await host.root.start(name);
}, 120_000);

afterAll(async () => host.dispose());

async function define(name: string, targets: readonly string[]): Promise<void> {
  const uuid = `6f1ed5c8-3d02-4a6b-8f5c-${String(GUESTS.indexOf(name)).padStart(12, '0')}`;
  const disks = targets.map((target) => ({
    target,
    bus: target === 'vda' ? 'virtio' : 'ide',
    source: join(host.folder, `${name}-${target}.qcow2`),
  }));
  for (const { source } of disks) await execa('qemu-img', ['create', '-q', '-f', 'qcow2', source, '16M']);
  await host.root.define(domainXml({ name, uuid, disks }));
}

async function night(): Promise<ProgramRun> {
  return virtioize(NIGHTLY, host.program);
}

/** The guests that a run told of. */
function toldOf({ stdout }: ProgramRun): string[] {
  return GUESTS.filter((name) => new RegExp(`^${name}: `, 'm').test(stdout));
}

async function toldFile(): Promise<string> {
  return join((await host.hostState()) ?? '', 'told.json');
}

interface CrontabLine {
  readonly user: string;
  readonly command: string;
  /** The variables that the file sets. */
  readonly variables: readonly string[];
}

/** The lines of a file of /etc/cron.d that run something, those that are commented out included. */
function crontabLines(text: string): CrontabLine[] {
  const variables = text.match(/^\w+=.*$/gm) ?? [];
  const jobs = text.matchAll(/^#?((?:[\d*/,-]+[ \t]+){5})(\w+)[ \t]+(\S.*)$/gm);
  return [...jobs].map(([, , user = '', command = '']) => ({ user, command, variables }));
}

/** Run a line as cron does, with what leads it to this test's libvirt set in the file. */
async function fromCron({ command, variables }: CrontabLine) {
  const { uri, stateDir } = host.program;
  const bin = join(host.folder, 'bin');
  await mkdir(bin, { recursive: true });
  for (const [name, target] of [
    ['virtioize', join(repository, 'bin/virtioize.js')],
    ['node', process.execPath],
  ] as const)
    await symlink(target, join(bin, name)).catch(() => {}); // there since the last run
  const config = join(host.folder, 'cron.yaml');
  const attested = "attest: [{guests: ['*'], reason: a test of cron, expires: 9999-12-31}]\n";
  await writeFile(config, attested, { mode: 0o600 });
  const path = variables.find((line) => line.startsWith('PATH='))?.slice('PATH='.length);
  const own = [bin, WITHOUT_LIBGUESTFS, join(host.root.dir, 'bin'), path].join(':');
  const settings = [`VIRTIOIZE_CONNECT=${uri}`, `VIRTIOIZE_STATE_DIR=${stateDir}`, `VIRTIOIZE_CONFIG=${config}`];
  const words = ['-i', ...variables, `PATH=${own}`, ...settings, '/bin/sh', '-c', command];
  return execa('env', words, { reject: false, stdin: 'ignore', timeout: 120_000 });
}

const NOTHING = { status: 2, signal: undefined, stdout: '', stderr: '' };

describe('from one night to the next', () => {
  it('what was converted, what is pending and what is refused are told once; the exit status stays', async () => {
    const first = await night();
    expect(first).toMatchObject({ status: 2, stderr: '' });
    expect(first.stdout).toMatch(/^idle: converted \(shut off\)$/m);
    expect(first.stdout).toMatch(/^web: converted, pending \(running\)$/m);
    expect(first.stdout).toMatch(/^held: refused \(running\), it was not touched\n {2}name-collision /m);
    expect(await night()).toEqual(NOTHING);
    expect(await night()).toEqual(NOTHING);
    expect(((await stat(await toldFile())).mode & 0o777).toString(8)).toBe('600');
  });

  it('another reason is told, once', async () => {
    await host.root.virsh(['suspend', 'held']);
    const run = await night();
    expect({ status: run.status, told: toldOf(run) }).toEqual({ status: 2, told: ['held'] });
    expect(run.stdout).toMatch(/^ {2}guest-busy /m);
    expect(run.stdout).toMatch(/^3 guests, .* \(nothing new of 2\)$/m);
    expect(await night()).toEqual(NOTHING);
  });

  it('a pending guest that went off gets its names, and that is told, once', async () => {
    await host.root.virsh(['destroy', 'web']);
    const run = await night();
    expect({ status: run.status, told: toldOf(run) }).toEqual({ status: 2, told: ['web'] });
    expect(run.stdout).toMatch(/^web: converted \(shut off\)\n {2}hda on virtio -> vda on virtio /m);
    expect(await night()).toEqual(NOTHING);
  });

  it('a guest that needs a person is told each night', async () => {
    const uuid = '6f1ed5c8-3d02-4a6b-8f5c-000000000001';
    const backups = join((await host.hostState()) ?? '', 'backups', uuid);
    await mkdir(join(backups, 'damaged'));
    await writeFile(join(backups, 'damaged', 'record.json'), '{');
    for (const run of [await night(), await night()]) {
      expect({ status: run.status, told: toldOf(run) }).toEqual({ status: 1, told: ['web'] });
      expect(run.stdout).toMatch(/^ {2}record-unreadable /m);
    }
    await rm(join(backups, 'damaged'), { recursive: true });
    expect(toldOf(await night())).toEqual(['web']); // it is well again
    expect(await night()).toEqual(NOTHING);
  });

  it('who asks for JSON, or does not ask for quiet, or has a terminal, is told all, and that is not noted', async () => {
    const before = await readFile(await toldFile(), 'utf8');
    const loud = NIGHTLY.filter((word) => word !== '-q');
    expect(toldOf(await virtioize(loud, host.program))).toEqual(GUESTS);
    expect((await virtioize([...NIGHTLY, '--json'], host.program)).stdout).toContain('guest-busy');
    const program = [process.execPath, join(repository, 'bin/virtioize.js')];
    const words = ['-c', host.program.uri, '--state-dir', host.program.stateDir, '--no-color', ...NIGHTLY];
    const line = [...program, ...words].map((word) => `'${word}'`).join(' ');
    // As on a host without libguestfs, like all other runs here.
    const PATH = `${WITHOUT_LIBGUESTFS}:${host.program.env?.PATH ?? process.env.PATH}`;
    const env = { ...host.program.env, PATH };
    const { stdout } = await execa('script', ['-qec', line, '/dev/null'], { env, reject: false, timeout: 60_000 });
    expect(stdout).toMatch(/^held: refused/m);
    expect(await readFile(await toldFile(), 'utf8')).toBe(before);
  });

  it('as cron runs it, without an environment, it is told no more either, and a check tells of breaches', async () => {
    const lines = crontabLines(await readFile(join(repository, 'deploy/cron/virtioize'), 'utf8'));
    expect(lines.map(({ user, command }) => [user, command.split(' ').slice(0, 2).join(' ')])).toEqual([
      ['root', 'virtioize check'],
      ['root', 'virtioize convert'],
    ]);
    const [check, convert] = lines as [CrontabLine, CrontabLine];
    for (const run of [await fromCron(convert), await fromCron(convert)])
      expect(run).toMatchObject({ exitCode: 2, stdout: '', stderr: '' });
    const { exitCode, stdout, stderr } = await fromCron(check);
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: '' });
    expect(stdout).toMatch(/^held: not compliant \(paused\)$/m);
  });

  it('what can not be read or noted is told again, and guests that are gone are forgotten', async () => {
    await writeFile(await toldFile(), 'not JSON');
    expect(toldOf(await night())).toEqual(['held']);
    expect(await night()).toEqual(NOTHING);
    await host.root.virsh(['undefine', 'idle']);
    expect(await night()).toEqual(NOTHING);
    const { guests } = JSON.parse(await readFile(await toldFile(), 'utf8')) as { guests: object };
    expect(Object.keys(guests)).toHaveLength(2);
    await rm(await toldFile());
    await mkdir(await toldFile());
    for (const run of [await night(), await night()]) expect(toldOf(run)).toEqual(['held']);
  });
});
