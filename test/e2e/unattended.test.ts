import { chmod, chown, copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import type { DocumentJson } from '../program.ts';
import { repository } from '../repository.ts';
import { buildGuestImage } from '../testbed/guest-image.ts';
import { type GuestXmlOptions, guestXml } from '../testbed/guest-xml.ts';
import { createPrivateDaemon, type PrivateDaemon } from '../testbed/private-daemon.ts';
import { createPrivateSystemd, type JournalLine, type PrivateSystemd } from '../testbed/private-systemd.ts';
import { QUICKLY, until } from '../until.ts';

const UNITS = join(repository, 'deploy/systemd');
const IMAGES = '/var/lib/libvirt/images';
const NVRAM = '/var/lib/libvirt/qemu/nvram/vouched.fd';
const METRICS = '/var/lib/prometheus/node-exporter';
/** Anybody but root: as QEMU's user, whose images are nobody else's to read. */
const OTHER_USER = 65_534;

const CONFIG = `
attest: [{guests: [vouched], reason: a test of nights, expires: 9999-12-31}]
reports: {json: /var/lib/virtioize/check.json, prometheus: ${METRICS}/virtioize.prom}
`;

/** An appliance is built and run by emulation, three times. */
const TIMEOUT_MS = 600_000;

let folder: string;
let daemon: PrivateDaemon;
let systemd: PrivateSystemd;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtioize-unattended-'));
  daemon = await createPrivateDaemon();
  systemd = await createPrivateSystemd(daemon, UNITS);
  await mkdir(inside('/etc/virtioize'), { recursive: true });
  await writeFile(inside('/etc/virtioize/config.yaml'), CONFIG);
  await mkdir(inside(METRICS), { recursive: true });
  await mkdir(inside(IMAGES), { recursive: true });
  const linux = join(folder, 'linux.raw');
  await buildGuestImage({ path: linux, format: 'raw', virtioBlk: true, agent: false });
  await defineGuest('proven', linux);
  const blank = join(folder, 'blank.raw');
  await execa('truncate', ['--size=8M', blank]);
  await defineGuest('blank', blank);
  await defineGuest('vouched', blank, { machine: 'q35', firmware: 'efi', nvram: NVRAM });
  await mkdir(inside('/var/lib/libvirt/qemu/nvram'), { recursive: true });
  await writeFile(inside(NVRAM), 'variables of before');
  await giveAway(NVRAM);
}, 300_000);

afterAll(async () => {
  await systemd?.dispose();
  await daemon?.dispose();
  await rm(folder, { recursive: true });
});

/** A path as the services see it. */
function inside(path: string): string {
  return `${systemd.root}${path}`;
}

async function giveAway(path: string): Promise<void> {
  await chown(inside(path), OTHER_USER, OTHER_USER);
  await chmod(inside(path), 0o600);
}

async function defineGuest(name: string, image: string, xml: Partial<GuestXmlOptions> = {}): Promise<void> {
  const path = `${IMAGES}/${name}.raw`;
  await copyFile(image, inside(path));
  await giveAway(path);
  const bus = xml.machine === 'q35' ? ('sata' as const) : ('ide' as const);
  const disks = [{ path, format: 'raw', bus, target: bus === 'ide' ? 'hda' : 'sda' } as const];
  const file = join(folder, `${name}.xml`);
  await writeFile(file, guestXml({ name, machine: 'pc', disks, ...xml }));
  await daemon.virsh('define', file);
}

async function disksOf(name: string): Promise<string | undefined> {
  return /<target dev='\w+' bus='\w+'/.exec(await daemon.virsh('dumpxml', '--inactive', name))?.[0];
}

interface Night {
  readonly result: Record<string, string>;
  /** What this run wrote to the journal. */
  readonly lines: readonly JournalLine[];
}

/** Start a unit as its timer does, and wait for its end. */
async function night(unit: string): Promise<Night> {
  const before = (await systemd.journal(unit)).length;
  await systemd.run('systemctl', 'start', unit);
  return tonight(unit, before);
}

async function tonight(unit: string, before: number): Promise<Night> {
  const result = await systemd.show(unit, 'Result', 'ExecMainStatus');
  return { result, lines: (await systemd.journal(unit)).slice(before) };
}

/** A unit that runs something else, with all the restrictions of one of ours. */
async function defineLike(unit: string, name: string, command: string): Promise<void> {
  const text = await readFile(join(UNITS, unit), 'utf8');
  await systemd.define(
    name,
    text.replace(/^ExecStart=.*$/m, () => `ExecStart=${command}`),
  );
}

const CHECK = 'virtioize-check.service';
const CONVERT = 'virtioize-convert.service';

describe('under a real systemd, with all that the units say', () => {
  it.each([CHECK, CONVERT])('%s has nothing that systemd-analyze complains of', async (unit) => {
    const file = `${systemd.units}/${unit}`;
    const timer = file.replace('.service', '.timer');
    expect(await systemd.run('systemd-analyze', 'verify', file, timer)).toEqual({ exitCode: 0, stdout: '' });
    const security = await systemd.run('systemd-analyze', 'security', '--offline=yes', '--threshold=30', file);
    expect(security).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Overall exposure level') });
  });

  it.each([CHECK, CONVERT])('%s has a timer that can be started', async (unit) => {
    const timer = unit.replace('.service', '.timer');
    await systemd.run('systemctl', 'start', timer);
    const state = await systemd.show(timer, 'ActiveState', 'Unit', 'NextElapseUSecRealtime');
    await systemd.run('systemctl', 'stop', timer);
    expect(state).toEqual({
      ActiveState: 'active',
      Unit: unit,
      NextElapseUSecRealtime: expect.stringMatching(/ 0[16]:\d\d:/),
    });
  });

  it('the check writes its reports, and is no failed unit because of a guest that is not compliant', async () => {
    const { result, lines } = await night(CHECK);
    expect({ result, lines }).toMatchObject({ result: { Result: 'success', ExecMainStatus: '2' } });
    const warned = lines.filter(({ priority }) => priority === 4).map(({ text }) => text);
    expect(warned).toContain('proven: not compliant (shut off)');
    expect(lines.at(-1)).toEqual({ priority: 6, text: '3 guests: 3 not compliant' });
    const report = JSON.parse(await readFile(inside('/var/lib/virtioize/check.json'), 'utf8')) as DocumentJson;
    expect(report.summary).toMatchObject({ selected: 3 });
    const metrics = inside(`${METRICS}/virtioize.prom`);
    expect(await readFile(metrics, 'utf8')).toContain('virtioize_guests{compliance="noncompliant"} 3');
    expect(((await stat(metrics)).mode & 0o777).toString(8)).toBe('644');
    expect(((await stat(inside('/var/lib/virtioize'))).mode & 0o777).toString(8)).toBe('700');
  });

  it(
    'a night that is stopped brings guests to one side, leaves no process, and is no failed unit',
    async () => {
      await systemd.run('systemctl', 'start', '--no-block', CONVERT);
      await until('a disk is looked into', async () => (await programsOf(CONVERT)).includes('guestfish'), {
        ...QUICKLY,
        timeoutMs: TIMEOUT_MS,
      });
      await systemd.run('systemctl', 'stop', CONVERT);
      const { result, lines } = await tonight(CONVERT, 0);
      expect({ result, lines }).toMatchObject({ result: { Result: 'success', ExecMainStatus: '143' } });
      expect(lines).toContainEqual({ priority: 6, text: expect.stringMatching(/^virtioize: interrupted\. /) });
      expect(lines.filter(({ text }) => text.includes('refused'))).toEqual([]);
      expect(await programsOf(CONVERT)).toEqual([]);
      expect((await night(CHECK)).result).toEqual({ Result: 'success', ExecMainStatus: '2' }); // not 3: nothing is left over
    },
    2 * TIMEOUT_MS,
  );

  it(
    'a night converts what is proven by its disks or vouched for, and tells of it once',
    async () => {
      const { result, lines } = await night(CONVERT);
      expect({ result, lines }).toMatchObject({ result: { Result: 'success', ExecMainStatus: '2' } });
      expect(lines).toContainEqual({ priority: 6, text: 'proven: converted (shut off)' });
      expect(lines).toContainEqual({
        priority: 6,
        text: expect.stringMatching(/^ {2}evidence \(offline\): proven\. /),
      });
      expect(lines).toContainEqual({ priority: 6, text: 'vouched: converted (shut off)' });
      expect(lines).toContainEqual({ priority: 4, text: 'blank: refused (shut off), it was not touched' });
      expect(lines.map(({ text }) => text).filter((text) => text.includes('nvram-unreadable'))).toEqual([]);
      expect(await Promise.all(['proven', 'vouched', 'blank'].map(disksOf))).toEqual([
        "<target dev='vda' bus='virtio'",
        "<target dev='vda' bus='virtio'",
        "<target dev='hda' bus='ide'",
      ]);
      expect(await night(CONVERT)).toEqual({ result: { Result: 'success', ExecMainStatus: '2' }, lines: [] });
    },
    TIMEOUT_MS,
  );

  it('UEFI variables of another user can be put back, and stay his', async () => {
    await writeFile(inside(NVRAM), 'variables of after');
    await defineLike(CONVERT, 'rollback.service', 'virtioize rollback vouched --restore-nvram');
    const { result, lines } = await night('rollback.service');
    expect({ result, lines }).toMatchObject({ result: { Result: 'success', ExecMainStatus: '0' } });
    expect(await readFile(inside(NVRAM), 'utf8')).toBe('variables of before');
    const { uid, mode } = await stat(inside(NVRAM));
    expect({ uid, mode: mode & 0o777 }).toEqual({ uid: OTHER_USER, mode: 0o600 });
  });

  it('what is wrong for good makes a failed unit, and is an error in the journal', async () => {
    await writeFile(inside('/etc/virtioize/config.yaml'), 'reports: {json: /srv/check.json}');
    expect(await night(CHECK)).toMatchObject({
      result: { Result: 'exit-code', ExecMainStatus: '73' },
      lines: expect.arrayContaining([
        { priority: 3, text: 'virtioize: Could not write the report /srv/check.json (EROFS).' },
      ]),
    });
    await writeFile(inside('/etc/virtioize/config.yaml'), 'jobs: many');
    expect(await night(CONVERT)).toMatchObject({
      result: { Result: 'exit-code', ExecMainStatus: '78' },
      lines: expect.arrayContaining([{ priority: 3, text: expect.stringContaining('config.yaml') }]),
    });
    await writeFile(inside('/etc/virtioize/config.yaml'), CONFIG);
  });

  it.each([
    [CHECK, ['/tmp', '/var/lib/prometheus/node-exporter', '/var/lib/virtioize', '/var/tmp'], '0000000000000000'],
    [
      CONVERT,
      ['/tmp', '/var/cache/virtioize', '/var/lib/libvirt/qemu/nvram', '/var/lib/virtioize', '/var/tmp'],
      '000000000000000f',
    ],
  ])('%s writes nowhere else than %j', async (unit, writable, capabilities) => {
    const folders = ['/etc', '/etc/libvirt', IMAGES, '/home', '/root', '/run', '/srv', '/sys', '/usr', '/var/log'];
    const all = [...new Set([...folders, METRICS, ...writable, '/var/cache', '/var/lib/libvirt/qemu/nvram'])].sort();
    const probe = `for f in ${all.join(' ')}; do touch $$f/probe 2>/dev/null && rm $$f/probe && echo $$f; done`;
    const status = `grep -E "^(CapBnd|NoNewPrivs|Seccomp):" /proc/self/status`;
    await defineLike(unit, 'probe.service', `/bin/sh -c '${probe}; ${status}'`);
    const { lines } = await night('probe.service');
    expect(lines.map(({ text }) => text)).toEqual([
      ...writable,
      `CapBnd:\t${capabilities}`,
      'NoNewPrivs:\t1',
      'Seccomp:\t2',
    ]);
  });
});

/** The names of the programs that run in a unit's cgroup. */
async function programsOf(unit: string): Promise<string[]> {
  const file = inside(`/sys/fs/cgroup/system.slice/${unit}/cgroup.procs`);
  const pids = (await readFile(file, 'utf8').catch(() => '')).split('\n').filter(Boolean);
  return Promise.all(
    pids.map((pid) =>
      readFile(`/proc/${pid}/comm`, 'utf8').then(
        (name) => name.trim(),
        () => '',
      ),
    ),
  );
}
