import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { domainXml } from '../definitions/domain-xml.ts';
import { schemaErrors } from '../output-schema.ts';
import { type ProgramRun, virtioize, virtioizeJson } from '../program.ts';
import { createTestHost, readJournalLines, type TestHost } from '../test-host.ts';
import { debianProgram } from '../testbed/debian-packages.ts';
import { downloadedPackages } from '../testbed/packages.ts';

const VOUCHED = ['--assume-driver', '--reason', 'a test of check'];

let host: TestHost;

beforeAll(async () => {
  host = await createTestHost();
  await define('fine', 'virtio');
  await define('emulated', 'ide');
  await define('pending', 'ide');
  await define('drifted', 'virtio');
  for (const name of ['fine', 'pending', 'drifted']) await host.root.start(name);
  await virtioize(['convert', 'pending', ...VOUCHED], host.program);
  const stored = await host.definition('drifted');
  await host.root.define(stored.replace(imageOf('drifted'), imageOf('old')));
});

afterAll(async () => host.dispose());

const NAMES = ['fine', 'emulated', 'pending', 'drifted'];

function imageOf(name: string): string {
  return join(host.folder, `${name}.qcow2`);
}

async function define(name: string, bus: string): Promise<void> {
  const source = imageOf(name);
  await execa('qemu-img', ['create', '-q', '-f', 'qcow2', source, '16M']);
  const uuid = `6f1ed5c8-3d02-4a6b-8f5c-${String(NAMES.indexOf(name) + 1).padStart(12, '0')}`;
  const disks = [{ target: bus === 'ide' ? 'hda' : 'vda', bus, source }];
  await host.root.define(domainXml({ name, uuid, disks }));
}

async function check(...words: string[]): Promise<ProgramRun> {
  return virtioize(['check', ...words], host.program);
}

describe('check', () => {
  it('is quiet about a compliant guest', async () => {
    expect(await check('fine', '--quiet')).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(await check('fine')).toMatchObject({ status: 0, stdout: '1 guest: 1 compliant' });
  });

  it('tells of an emulated guest, and what to do', async () => {
    const { status, stdout } = await check('emulated');
    expect(status).toBe(2);
    expect(stdout).toContain(
      "emulated: not compliant (shut off)\n  VIO-001 disk-bus-emulated (medium)  Emulated: 'hda' on ide.",
    );
    expect(stdout).toMatch(/-> virtioize -c \S+ convert emulated\n1 guest: 1 not compliant$/);
  });

  it('tells of a pending guest, since when, and that it takes a restart', async () => {
    const { status, stdout } = await check('pending');
    expect(status).toBe(2);
    expect(stdout).toMatch(
      /VIO-002 restart-pending \(low\) {2}The running instance still has 'hda' on ide, .*Pending for \d+ min\./,
    );
    expect(stdout).toMatch(/-> virtioize -c \S+ convert --restart graceful pending\n1 guest: 1 pending a restart$/);
  });

  it('finds that a guest whose disks are on virtio runs on another image than its definition names', async () => {
    const { status, stdout } = await check('drifted');
    expect(status).toBe(2);
    expect(stdout).toContain(`'vda' is on '${imageOf('drifted')}', the definition names '${imageOf('old')}'.`);
    expect(stdout).toMatch(/-> virtioize -c \S+ recover --adopt-live-source drifted\n/);
  });

  it('looks at all guests where none is named, leaves out those it is told to, and counts', async () => {
    expect((await check()).stdout).toMatch(/\n4 guests: 1 compliant, 1 pending a restart, 2 not compliant$/);
    expect((await check('--exclude', '*d')).stdout).toMatch(/\n2 guests: 1 compliant, 1 pending a restart$/);
    expect((await check('--state', 'shutoff')).stdout).toMatch(/\n1 guest: 1 not compliant$/);
  });

  it('counts emulated disks only on the buses that are asked about', async () => {
    expect(await check('emulated', '--from', 'sata')).toMatchObject({ status: 0 });
  });

  it('tells the same in JSON, with what each rule says and the trend', async () => {
    const { status, document } = await virtioizeJson(['check'], host.program);
    expect({ status, errors: schemaErrors(document) }).toEqual({ status: 2, errors: [] });
    expect(document.summary).toEqual({ selected: 4, compliant: 1, planned: 1, converted: 1, refused: 1 });
    const outcomes = document.guests.map(({ name, outcome, compliance = [] }) => [
      name,
      outcome,
      ...compliance.map(({ result }) => result),
    ]);
    expect(outcomes.sort()).toEqual([
      ['drifted', 'refused', 'pass', 'pass', 'fail'],
      ['emulated', 'planned', 'fail', 'pass', 'notapplicable'],
      ['fine', 'compliant', 'pass', 'pass', 'pass'],
      ['pending', 'converted', 'pass', 'fail', 'pass'],
    ]);
    expect(document.trend?.map(({ guests }) => guests)).toEqual([2, 1, 1]);
    expect(document.waivers).toEqual([]);
  });

  it('streams valid events, and ends with what concerns all guests', async () => {
    const { stdout } = await check('--format', 'ndjson');
    const events = stdout.split('\n').map((line) => JSON.parse(line) as { event: string });
    expect(events.flatMap((event) => schemaErrors(event))).toEqual([]);
    expect(events.filter(({ event }) => event === 'guest')).toHaveLength(4);
    expect(events.at(-1)).toMatchObject({ event: 'summary', waivers: [], trend: expect.any(Array) });
  });

  it('writes nothing', async () => {
    const stateDir = join(host.folder, 'nowhere');
    await virtioize(['check'], { ...host.program, stateDir });
    await expect(readFile(stateDir)).rejects.toThrow('ENOENT');
  });

  it('says 3 where a run was interrupted', async () => {
    const journal = join((await host.hostState()) ?? '', 'journal.ndjson');
    const before = await readFile(journal);
    const guest = { name: 'emulated', uuid: '6f1ed5c8-3d02-4a6b-8f5c-000000000002' };
    const begun = { at: new Date().toISOString(), change: 'x', guest, step: 'begin', action: 'convert' };
    await writeFile(journal, `${before.toString()}${JSON.stringify(begun)}\n`);
    expect(await check('fine', '-q')).toMatchObject({
      status: 3,
      stdout: expect.stringMatching(/^Interrupted: .*'emulated'/),
    });
    expect(await check('fine', '--format', 'nagios')).toMatchObject({
      status: 2,
      stdout: expect.stringMatching(/^VIRTIOIZE CRITICAL - interrupted: emulated/),
    });
    await writeFile(journal, before);
  });

  it('judges a guest whose saved instance is damaged by its definition, and leaves the rest unknown', async () => {
    await define('emulated', 'virtio');
    await host.root.start('emulated');
    await host.root.virsh(['managedsave', 'emulated']);
    const save = join(host.root.dir, 'lib/qemu/save/emulated.save');
    await writeFile(save, 'not a saved guest');
    const { status, document } = await virtioizeJson(['check', 'emulated'], host.program);
    expect(status).toBe(1);
    expect(document.guests).toMatchObject([{ outcome: 'failed', error: { code: 'command-failed' } }]);
    expect(document.guests[0]?.compliance?.map(({ result }) => result)).toEqual(['pass', 'unknown', 'unknown']);
    expect(await check('emulated', '--format', 'nagios')).toMatchObject({
      status: 3,
      stdout: expect.stringMatching(/^VIRTIOIZE UNKNOWN - 1 not to be judged: emulated/),
    });
    await host.root.virsh(['managedsave-remove', 'emulated']);
    await define('emulated', 'ide');
  });

  it('judges a guest whose records are damaged, and tells of them', async () => {
    const folder = join((await host.hostState()) ?? '', 'backups', '6f1ed5c8-3d02-4a6b-8f5c-000000000002', 'x');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'record.json'), '{');
    const { status, document } = await virtioizeJson(['check', 'emulated'], host.program);
    expect(status).toBe(1);
    expect(document.guests).toMatchObject([{ outcome: 'failed', error: { code: 'record-unreadable' } }]);
    expect(document.guests[0]?.compliance?.map(({ result }) => result)).toEqual(['fail', 'pass', 'notapplicable']);
    await rm(folder, { recursive: true });
  });
});

describe('check for monitoring', () => {
  it.each([
    [['fine'], 0, 'OK - 1 guest, all compliant'],
    [['fine', 'pending'], 1, 'WARNING - 1 pending a restart: pending'],
    [['fine', 'pending', 'emulated'], 2, 'CRITICAL - 1 of 3 guests not compliant: emulated (VIO-001); 1 pending'],
    [['drifted'], 2, 'CRITICAL - 1 of 1 guest not compliant: drifted (VIO-003)'],
    [['nobody'], 3, "UNKNOWN - No guest matches 'nobody'."],
  ])('of %j ends with %i', async (names, status, told) => {
    const run = await check('--format', 'nagios', ...names);
    expect(run).toMatchObject({ status, stderr: '' });
    expect(run.stdout).toMatch(/^[^\n]+$/);
    expect(run.stdout.startsWith(`VIRTIOIZE ${told}`)).toBe(true);
  });

  it('knows nothing where libvirt is not to be reached', async () => {
    const run = await virtioize(['check', '--format', 'nagios'], {
      ...host.program,
      uri: 'qemu:///embed?root=/dev/null/x',
    });
    expect(run).toMatchObject({ status: 3, stderr: '' });
    expect(run.stdout).toMatch(/^VIRTIOIZE UNKNOWN - Could not connect to libvirt/);
  });

  it('has metrics that promtool has nothing to say of', async () => {
    const { status, stdout } = await check('--format', 'prometheus');
    expect(status).toBe(2);
    expect(stdout).toContain('virtioize_guests{compliance="noncompliant"} 2');
    expect(stdout).toMatch(/virtioize_pending_seconds\{guest="pending",uuid="[\w-]+"\} \d+/);
    const promtool = await debianProgram(downloadedPackages.promtool, 'usr/bin/promtool');
    const linted = await execa(promtool, ['check', 'metrics'], { input: `${stdout}\n`, reject: false });
    expect(linted).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  });
});

describe('the page of a check', () => {
  /** What people read. */
  const textOf = (page: string): string => page.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

  it('has the same guests, findings and next commands, and the last evidence with its age', async () => {
    const { document } = await virtioizeJson(['preflight', 'emulated'], host.program);
    const [evidence] = document.guests[0]?.evidence ?? [];
    const { status, stdout, stderr } = await check('--format', 'html');
    expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
    expect(stdout).toMatch(/^<!DOCTYPE html>\n[\s\S]*<\/html>$/);
    const text = textOf(stdout);
    for (const told of [
      "emulated not compliant shut off VIO-001 Emulated: 'hda' on ide.",
      'convert emulated',
      "VIO-002 The running instance still has 'hda' on ide",
      'convert --restart graceful pending',
      `VIO-003 'vda' is on '${imageOf('drifted')}', the definition names '${imageOf('old')}'.`,
      'recover --adopt-live-source drifted',
      'fine compliant running',
      '3 of 4 guests need work',
      'From 2 guests with emulated disks to 1.',
    ])
      expect(text).toContain(told);
    expect(text).toMatch(/Pending for \d+ min\./);
    expect(text).toMatch(new RegExp(`unknown ${evidence?.source}, \\d+ min ago `));
    expect(text).toContain(evidence?.summary);
  });

  it('is written where the policy wants it, readable for all, by a check of all guests in any format', async () => {
    const [config, page] = [join(host.folder, 'page.yaml'), join(host.folder, 'page.html')];
    await writeFile(config, `reports: {html: ${page}}\n`, { mode: 0o600 });
    expect(await check('--config', config, 'fine')).toMatchObject({ status: 0 });
    await expect(readFile(page)).rejects.toThrow('ENOENT');
    expect(await check('--config', config, '-q')).toMatchObject({ status: 2, stderr: '' });
    expect(textOf(await readFile(page, 'utf8'))).toContain('3 of 4 guests need work');
    expect(((await stat(page)).mode & 0o777).toString(8)).toBe('644');
  });
});

describe('the trend', () => {
  it('does not take the final names of a converted guest for a conversion, nor forgets a rollback', async () => {
    await host.root.virsh(['destroy', 'pending']);
    await virtioize(['convert', 'pending', ...VOUCHED], host.program);
    const journal = await readJournalLines((await host.hostState()) ?? '');
    expect(journal.flatMap(({ action }) => action ?? [])).toEqual(['convert', 'rename']);
    const renamed = await virtioizeJson(['check'], host.program);
    expect(renamed.document.trend?.map(({ guests }) => guests)).toEqual([2, 1, 1]);
    await virtioize(['rollback', 'pending'], host.program);
    const rolledBack = await virtioizeJson(['check'], host.program);
    expect(rolledBack.document.trend?.map(({ guests }) => guests)).toEqual([2, 1, 2, 2]);
  });
});

describe('what the policy waives', () => {
  /** The guests are those of libvirt's test driver. */
  async function checkWith(expires: string, ...words: readonly string[]) {
    const [node, config] = [join(host.folder, 'node.xml'), join(host.folder, 'config.yaml')];
    const disks = [{ target: 'hda', bus: 'ide' }];
    const definition = (name: string, number: number): string =>
      domainXml({ name, type: 'test', uuid: `6f1ed5c8-3d02-4a6b-8f5c-00000000001${number}`, disks });
    await writeFile(node, `<node>${['old-1', 'new-1'].map(definition).join('')}</node>`);
    const waiver = `{guests: ['old-*'], rules: [VIO-001], reason: it is replaced soon, expires: ${expires}}`;
    const report = join(host.folder, 'report.json');
    await writeFile(config, `waive: [${waiver}]\nreports: {json: ${report}}\n`, { mode: 0o600 });
    await rm(report, { force: true });
    const run = await virtioizeJson(['check', '--config', config, ...words], {
      ...host.program,
      uri: `test://${node}`,
      stateDir: join(host.folder, 'waived'),
    });
    const guests = [...run.document.guests].sort((one, other) => one.name.localeCompare(other.name));
    const written = await readFile(report, 'utf8').catch(() => undefined);
    return { status: run.status, document: { ...run.document, guests }, written };
  }

  it('is no breach: such a guest is skipped, and the waiver is listed', async () => {
    const { document, written } = await checkWith('9999-12-31');
    expect(document.guests.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['new-1', 'planned'],
      ['old-1', 'skipped'],
    ]);
    expect(document.guests[1]?.compliance?.[0]).toMatchObject({
      result: 'fail',
      waiver: { reason: 'it is replaced soon', expires: '9999-12-31' },
    });
    expect(document.waivers).toEqual([
      {
        guests: ['old-*'],
        rules: ['VIO-001'],
        reason: 'it is replaced soon',
        expires: '9999-12-31',
        isExpired: false,
        matched: 1,
      },
    ]);
    expect(JSON.parse(written ?? '')).toMatchObject({ command: 'check', summary: { selected: 2 } });
  });

  it('is a breach again once the waiver has expired; a check of some guests writes no report', async () => {
    const { status, document, written } = await checkWith('2020-01-31', 'old-1');
    expect(status).toBe(2);
    expect(document.guests.map(({ outcome }) => outcome)).toEqual(['planned']);
    expect(document.waivers).toMatchObject([{ isExpired: true, matched: 1 }]);
    expect(written).toBeUndefined();
  });
});
