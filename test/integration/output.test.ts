import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { domainXml } from '../definitions/domain-xml.ts';
import { schemaErrors } from '../output-schema.ts';
import { virtioize } from '../program.ts';
import { repository } from '../repository.ts';
import { createTestHost, type TestHost } from '../test-host.ts';

const VOUCHED = ['--assume-driver', '--reason', 'a test of the output'];

let host: TestHost;

beforeAll(async () => {
  host = await createTestHost();
  const disks = [{ target: 'hda', bus: 'ide', inner: '\n      <wwn>5000c50015ea71aa</wwn>' }];
  const uuid = (number: number): string => `6f1ed5c8-3d02-4a6b-8f5c-00000000000${number}`;
  await host.root.define(domainXml({ name: 'web1', uuid: uuid(1), disks }));
  await host.root.define(domainXml({ name: 'web2', uuid: uuid(2), disks }));
  await host.root.define(domainXml({ name: 'done', uuid: uuid(3), disks: [{ target: 'vda', bus: 'virtio' }] }));
});

beforeEach(async () => {
  await virtioize(['rollback', '--all', '--yes'], host.program);
});

afterAll(async () => host.dispose());

describe('the output', () => {
  it.each([
    [['status'], 0],
    [['preflight'], 2],
    [['preflight', ...VOUCHED, 'web1'], 0],
    [['convert', '--dry-run', 'web1', ...VOUCHED], 0],
    [['convert', 'web1', 'done', ...VOUCHED], 0],
    [['convert', 'web2'], 2],
    [['convert', '--all', '--yes', '--exclude', 'web2', ...VOUCHED], 0],
    [['rollback', 'web1'], 0, ['convert', 'web1', ...VOUCHED]],
    [['recover'], 0],
    [['history'], 0, ['convert', 'web1', ...VOUCHED]],
    [['convert', 'nobody'], 64],
    [['convert', '--no-such-option'], 64],
    [['convert', '--accept', 'self', '--reason', 'x', 'web1'], 64],
  ] as [string[], number, string[]?][])(
    'of %j is valid by the JSON Schema, as one document and as events',
    async (words, expected, first = ['status']) => {
      await virtioize(first, host.program);
      const json = await virtioize(['--json', ...words], host.program);
      expect({ status: json.status, errors: schemaErrors(JSON.parse(json.stdout)) }).toEqual({
        status: expected,
        errors: [],
      });
      await virtioize(first, host.program);
      const ndjson = await virtioize(['--format', 'ndjson', ...words], host.program);
      const events = ndjson.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { event: string });
      expect(events.flatMap((event) => schemaErrors(event))).toEqual([]);
      expect(events.at(-1)?.event).toBe(expected >= 64 ? 'error' : 'summary');
    },
  );

  it('keeps data on stdout and all else on stderr', async () => {
    const { stdout, stderr } = await virtioize(['convert', 'web2', ...VOUCHED], host.program);
    expect(stdout).toMatch(/^web2: converted/);
    expect(stderr).toMatch(/web2: backing up\nweb2: defining\nweb2: reading back/);
    expect(stdout).not.toContain('backing up');
  });

  it('says nothing with --quiet where there is nothing to report', async () => {
    expect(await virtioize(['convert', '--quiet', 'done'], host.program)).toEqual({
      status: 0,
      signal: undefined,
      stdout: '',
      stderr: '',
    });
  });

  it('has no colors without a terminal, nor where nobody wants them', async () => {
    const { stdout } = await virtioize(['status'], host.program);
    expect(stdout).not.toContain('\u001b');
  });

  it('asks before more than one guest changes, which without a terminal takes --yes', async () => {
    const { status, stderr } = await virtioize(['convert', 'web1', 'web2', ...VOUCHED], host.program);
    expect(status).toBe(64);
    expect(stderr).toContain('Convert 2 guests without a terminal to ask at needs --yes.');
  });

  it.each([
    ['y', 'converted'],
    ['n', 'skipped'],
  ])('asks on a terminal, where the answer %j leaves the guests %s', async (answer, outcome) => {
    const words = ['bin/virtioize.js', '-c', host.program.uri, '--state-dir', host.program.stateDir];
    const line = `${process.execPath} ${words.join(' ')} convert web1 web2 --assume-driver --reason x`;
    // script(1) gives it a terminal, one that does not know its width
    const { stdout, exitCode } = await execa('script', ['-qec', line, '/dev/null'], {
      cwd: repository,
      env: { ...host.program.env, NO_COLOR: '1' },
      input: `${answer}\n`,
      timeout: 60_000,
    });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /GUEST +STATE +PLAN[\s\S]*web1 +shut off +change[\s\S]*web2[\s\S]*Plan: 2 guests: 2 to change/,
    );
    expect(stdout).toContain('Convert 2 guests? [y/N]');
    expect(stdout).toContain(`2 guests, 2 ${outcome}`);
  });

  it('takes options from the environment, but none that gives up a safety', async () => {
    const env = { ...host.program.env, VIRTIOIZE_FORMAT: 'json', VIRTIOIZE_ASSUME_DRIVER: '1', VIRTIOIZE_REASON: 'x' };
    const { status, stdout, stderr } = await virtioize(['preflight', 'web1'], { ...host.program, env });
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ guests: [{ outcome: 'refused' }] });
    expect(stderr).toContain('VIRTIOIZE_ASSUME_DRIVER is ignored');
  });

  it('names near misses for a guest that is not there', async () => {
    const { status, stderr } = await virtioize(['convert', 'wbe1'], host.program);
    expect(status).toBe(64);
    expect(stderr).toMatch(/No guest matches 'wbe1'[\s\S]*Did you mean 'web1'/);
  });
});
