import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { domainXml } from '../definitions/domain-xml.ts';
import { schemaErrors } from '../output-schema.ts';
import { readDocument, virtioize } from '../program.ts';
import { createTestHost, type TestHost } from '../test-host.ts';

let host: TestHost;
let file: string;

beforeEach(async () => {
  host = await createTestHost();
  file = join(host.folder, 'config.yaml');
  for (const [number, name] of ['web1', 'web2', 'legacy1'].entries()) {
    const uuid = `6f1ed5c8-3d02-4a6b-8f5c-${String(number).padStart(12, '0')}`;
    await host.root.define(domainXml({ name, uuid, disks: [{ target: 'hda', bus: 'ide' }] }));
  }
});

afterEach(async () => host.dispose());

const ATTEST = "attest:\n  - {guests: ['web*'], reason: made from one template, expires: 2099-01-01}\n";

async function run(config: string, words: readonly string[], env: Record<string, string> = {}) {
  await writeFile(file, config, { mode: 0o644 });
  const ended = await virtioize([...words, '--config', file], {
    ...host.program,
    env: { ...host.program.env, ...env },
  });
  return ended;
}

async function convertAll(config: string) {
  const ended = await run(config, ['convert', '--all', '--yes', '--json']);
  return { status: ended.status, document: readDocument(ended) };
}

describe('a policy', () => {
  it('vouches for the drivers of the guests that it names, and the reason is kept', async () => {
    const { status, document } = await convertAll(ATTEST);
    expect(status).toBe(2);
    expect(document.guests).toMatchObject([
      { name: 'legacy1', outcome: 'refused' },
      { name: 'web1', outcome: 'converted', evidence: [{}, { source: 'attested' }] },
      { name: 'web2', outcome: 'converted' },
    ]);
    const [id = ''] = await readdir(join((await host.hostState()) ?? '', 'backups', document.guests[1]?.uuid ?? ''));
    const path = join((await host.hostState()) ?? '', 'backups', document.guests[1]?.uuid ?? '', id, 'record.json');
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({
      reason: 'made from one template (until 2099-01-01)',
    });
  });

  it('leaves guests as they are that are waived, also where they are named', async () => {
    const waive = "waive:\n  - {guests: ['legacy*'], reason: the vendor wants IDE, expires: 2099-01-01}\n";
    const before = await host.definition('legacy1');
    const { status, document } = await convertAll(`${ATTEST}${waive}`);
    expect({ status, summary: document.summary }).toEqual({
      status: 0,
      summary: { selected: 3, skipped: 1, converted: 2 },
    });
    const named = await run(waive, ['convert', 'legacy1', '--assume-driver', '--reason', 'x']);
    expect(named.stdout).toContain('Waived until 2099-01-01');
    expect(await host.definition('legacy1')).toBe(before);
  });

  it('stands in for options, after the environment and the command line', async () => {
    const jobs = 'jobs: 64\nfrom: [sata]\n';
    const compliant = await run(jobs, ['status', '--json']);
    expect(readDocument(compliant).summary).toEqual({ selected: 3, compliant: 3 });
    const environment = await run(jobs, ['status', '--json'], { VIRTIOIZE_FROM: 'ide' });
    expect(readDocument(environment).summary).toEqual({ selected: 3, planned: 3 });
    const flag = await run(jobs, ['status', '--json', '--from', 'ide'], { VIRTIOIZE_FROM: 'usb' });
    expect(readDocument(flag).summary).toEqual({ selected: 3, planned: 3 });
  });

  it.each<[string, string, RegExp]>([
    ['an unknown key', 'jbos: 4\n', /:1:1: unknown key 'jbos'; did you mean 'jobs'\?/],
    ['a wrong type', 'jobs: many\n', /:1:7: jobs is 'many', and has to be a number/],
    [
      'a bad glob',
      "waive:\n  - {guests: ['web-['], reason: x, expires: 2099-01-01}\n",
      /:2:15: waive\[0\]\.guests\[0\] is no pattern/,
    ],
    [
      'an expired waiver',
      'waive:\n  - {guests: [web1], reason: x, expires: 2020-01-01}\n',
      /:2:42: 'waive' of web1 has expired on 2020-01-01/,
    ],
  ])('with %s does nothing: exit 78, with line and column', async (_, mistake, told) => {
    for (const words of [
      ['convert', '--all', '--yes'],
      ['convert', '--all', '--dry-run'],
      ['config', 'validate', file],
    ]) {
      const { status, stdout, stderr } = await run(mistake, words);
      expect({ status, stdout, stderr }).toEqual({ status: 78, stdout: '', stderr: expect.stringMatching(told) });
    }
    expect(await host.hostState()).toBeUndefined();
    expect(await host.definition('web1')).toContain("bus='ide'");
  });

  it('that others than root can write is refused, by every command', async () => {
    await writeFile(file, ATTEST);
    await chmod(file, 0o666);
    for (const words of [['status'], ['convert', '--all', '--yes'], ['rollback', '--all'], ['config', 'validate']]) {
      const { status, stderr } = await virtioize([...words, '--config', file], host.program);
      expect({ status, stderr }).toEqual({ status: 78, stderr: expect.stringContaining('others than root can write') });
    }
    expect(await host.hostState()).toBeUndefined();
  });

  it('that is broken can be left aside', async () => {
    await writeFile(file, 'jbos: 4\n', { mode: 0o644 });
    const options = { ...host.program, env: { ...host.program.env, VIRTIOIZE_CONFIG: file } };
    expect((await virtioize(['status'], options)).status).toBe(78);
    expect((await virtioize(['status', '--no-config'], options)).status).toBe(0);
    expect((await virtioize(['convert', '--help'], options)).status).toBe(0);
  });

  it('whose waiver has expired is told by commands that only read, which go on', async () => {
    const expired = 'waive:\n  - {guests: [web1], reason: x, expires: 2020-01-01}\n';
    const { status, stderr } = await run(expired, ['preflight', 'web1']);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('has expired on 2020-01-01') });
  });

  it('that is right is said to be', async () => {
    const { status, stdout } = await run(ATTEST, ['config', 'validate', file, '--json']);
    expect(schemaErrors(JSON.parse(stdout))).toEqual([]);
    expect({ status, document: JSON.parse(stdout) }).toMatchObject({
      status: 0,
      document: { command: 'config validate', config: { attest: [{ guests: ['web*'] }] } },
    });
  });
});
