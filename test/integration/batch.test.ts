import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { domainXml } from '../definitions/domain-xml.ts';
import { readDocument, startVirtioize, virtioize, virtioizeJson } from '../program.ts';
import { createTestHost, readJournalLines, type TestHost } from '../test-host.ts';
import { QUICKLY, until } from '../until.ts';

const VOUCHED = ['--assume-driver', '--reason', 'a test of many guests'];
/** More than are in hand at a time. */
const NAMES = Array.from({ length: 60 }, (_, number) => `guest-${String(number).padStart(2, '0')}`);

let host: TestHost;

beforeAll(async () => {
  host = await createTestHost();
  for (const [number, name] of NAMES.entries()) {
    const uuid = `6f1ed5c8-3d02-4a6b-8f5c-${String(number).padStart(12, '0')}`;
    await host.root.define(domainXml({ name, uuid, disks: [{ target: 'hda', bus: 'ide' }] }));
  }
});

afterAll(async () => host.dispose());

async function buses(): Promise<string[]> {
  const definitions = await Promise.all(NAMES.map((name) => host.definition(name)));
  return definitions.map((definition) => /<target dev='\w+' bus='(\w+)'/.exec(definition)?.[1] ?? '');
}

describe('many guests', () => {
  it('of which one has a damaged record: that one is reported, the others are converted', async () => {
    await virtioize(['convert', 'guest-05', ...VOUCHED], host.program);
    await virtioize(['rollback', 'guest-05'], host.program);
    const backups = join((await host.hostState()) ?? '', 'backups', '6f1ed5c8-3d02-4a6b-8f5c-000000000005');
    const [first = ''] = await readdir(backups);
    const record = join(backups, first, 'record.json');
    const intact = await readFile(record);
    await writeFile(record, '{');

    const { status, document } = await virtioizeJson(['convert', '--all', '--yes', ...VOUCHED], host.program);
    expect({ status, summary: document.summary }).toEqual({
      status: 1,
      summary: { selected: NAMES.length, converted: NAMES.length - 1, failed: 1 },
    });
    expect(document.guests[5]).toMatchObject({ name: 'guest-05', error: { code: 'record-unreadable' } });
    expect((await buses()).filter((bus) => bus === 'ide')).toHaveLength(1);
    const { stdout } = await virtioize(['status'], host.program);
    expect(stdout).toMatch(/guest-05: record-unreadable .*damaged/);

    await writeFile(record, intact);
    expect((await virtioize(['rollback', '--all', '--yes'], host.program)).status).toBe(0);
    expect(new Set(await buses())).toEqual(new Set(['ide']));
  });

  it('of which one was left neither old nor new: it is not touched until a person has looked at it', async () => {
    const uuid = '6f1ed5c8-3d02-4a6b-8f5c-000000000003';
    const id = await leaveUnfinished(uuid);
    const stored = await host.definition(uuid);
    const status = await virtioize(['status'], host.program);
    expect({ status: status.status, told: status.stdout }).toEqual({
      status: 3,
      told: expect.stringContaining("'virtioize recover'"),
    });

    const { status: converted, document } = await virtioizeJson(
      ['convert', 'guest-03', 'guest-04', '--yes', ...VOUCHED],
      host.program,
    );
    expect(converted).toBe(3);
    expect(document.guests).toMatchObject([
      {
        name: 'guest-03',
        outcome: 'needs-attention',
        conversionId: id,
        error: { hint: expect.stringContaining('virsh define') },
      },
      { name: 'guest-04', outcome: 'converted' },
    ]);
    expect(await host.definition(uuid)).toBe(stored);

    // The person puts the old one back, as the hint says.
    const state = (await host.hostState()) ?? '';
    await host.root.virsh(['define', join(state, 'backups', uuid, id, 'before.xml')]);
    expect(await virtioizeJson(['recover'], host.program)).toMatchObject({
      status: 0,
      document: { guests: [{ outcome: 'failed' }] },
    });
    expect((await virtioize(['rollback', '--all', '--yes'], host.program)).status).toBe(0);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'interrupted by %s: those at hand are finished, no other is begun, the exit status is %i',
    async (signal, expected) => {
      const before = await countDefines();
      const run = startVirtioize(['--json', 'convert', '--all', '--yes', ...VOUCHED], host.program);
      await until('a guest is being defined', async () => (await countDefines()) > before, QUICKLY);
      run.send(signal);
      const ended = await run.ended;
      expect(ended.status).toBe(expected);
      const { summary } = readDocument(ended);
      const converted = (await buses()).filter((bus) => bus === 'virtio').length;
      expect(summary).toEqual({ selected: NAMES.length, converted, skipped: NAMES.length - converted });
      expect(converted).toBeLessThan(NAMES.length);
      const open = new Set<string>();
      for (const { step, change } of await journal()) {
        if (step === 'end') open.delete(change);
        else open.add(change);
      }
      expect([...open]).toEqual([]);
      await virtioize(['rollback', '--all', '--yes'], host.program);
    },
  );
});

/** A conversion that was done, with the end of its journal torn off and the definition changed into a third one. */
async function leaveUnfinished(uuid: string): Promise<string> {
  const { document } = await virtioizeJson(['convert', uuid, ...VOUCHED], host.program);
  const file = join((await host.hostState()) ?? '', 'journal.ndjson');
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  await writeFile(file, `${lines.slice(0, -1).join('\n')}\n`);
  await host.root.define((await host.definition(uuid)).replace("dev='vda' bus='virtio'", "dev='vdc' bus='virtio'"));
  return document.guests[0]?.conversionId ?? '';
}

async function journal(): Promise<{ step: string; change: string }[]> {
  return readJournalLines((await host.hostState()) ?? '').catch(() => []);
}

async function countDefines(): Promise<number> {
  return (await journal()).filter(({ step }) => step === 'define').length;
}
