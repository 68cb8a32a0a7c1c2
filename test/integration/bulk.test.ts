import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { dumpInBulk } from '../../src/virsh/bulk.ts';
import type { GuestId } from '../../src/virsh/guests.ts';
import { guestXml } from '../testbed/guest-xml.ts';

const uuidOf = (number: number): string => `7e57bed0-0000-4000-9000-${String(number).padStart(12, '0')}`;
const guests = Array.from({ length: 40 }, (_, number) => ({ name: `guest${number}`, uuid: uuidOf(number) }));
const [first, second] = guests as [GuestId, GuestId];
const gone = { name: 'gone', uuid: uuidOf(999) };
/** Metadata with what looks like the end of a definition and the start of another guest's, between these two. */
const forgeries = [
  { what: 'CDATA', before: '<![CDATA[', after: ']]>', other: second },
  { what: 'CDATA', before: '<![CDATA[', after: ']]>', other: gone },
  { what: 'a comment', before: '<!--', after: '-->', other: gone },
  { what: 'elements', before: 'among text:<domain>', after: '</domain>', other: gone },
].map((forgery, number) => ({ ...forgery, name: `forger${number}`, uuid: uuidOf(500 + number) }));

function forgeryOf({ uuid }: GuestId): string {
  return `\n</domain>\n<domain><uuid>${uuid}</uuid>`;
}

let folder: string;
let uri: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtioize-bulk-'));
  const define = ({ name, uuid }: GuestId, note: string): string =>
    guestXml({
      name,
      uuid,
      machine: 'pc',
      disks: [],
      graphics: { password: 's3cret' },
      extra: `<metadata><note xmlns='urn:note'>${note}</note></metadata>`,
    }).replace("<domain type='qemu'>", "<domain type='test'>");
  const definitions = [
    ...guests.map((guest) => define(guest, 'nothing')),
    ...forgeries.map((forger) => define(forger, forger.before + forgeryOf(forger.other) + forger.after)),
  ];
  await writeFile(join(folder, 'host.xml'), `<node>${definitions.join('')}</node>`);
  uri = `test://${join(folder, 'host.xml')}`;
});

afterAll(async () => rm(folder, { recursive: true, force: true }));

const known = new Map<string, string>();

async function dumpByItself(...words: string[]): Promise<string> {
  const key = words.join(' ');
  if (!known.has(key)) {
    const { stdout } = await execa('virsh', ['-q', '-c', uri, 'dumpxml', '--inactive', ...words]);
    known.set(key, `${stdout.trimEnd()}\n`);
  }
  return known.get(key) ?? '';
}

/** Expect a definition of each guest that is its own or none; return those that have none. */
async function expectNoOthers(definitions: ReadonlyMap<string, Promise<string | undefined>>): Promise<string[]> {
  const left: string[] = [];
  for (const [uuid, definition] of definitions) {
    const text = await definition;
    if (text === undefined) left.push(uuid);
    else expect(text).toBe(await dumpByItself(uuid));
  }
  return left;
}

describe('definitions that are dumped in bulk', () => {
  it.each([true, false])('are those that are dumped one by one, where secrets are asked for: %j', async (secrets) => {
    const definitions = dumpInBulk(uri, guests, { secrets });
    expect([...definitions.keys()].sort()).toEqual(guests.map(({ uuid }) => uuid));
    for (const { uuid } of guests)
      expect(await definitions.get(uuid)).toBe(await dumpByItself(uuid, ...(secrets ? ['--security-info'] : [])));
    expect((await definitions.get(first.uuid))?.includes('s3cret')).toBe(secrets);
  });

  it('are left to be asked for where one is gone, with some of its neighbours, and the others are there', async () => {
    const left = await expectNoOthers(dumpInBulk(uri, [gone, ...guests], { secrets: false }));
    expect(left).toContain(gone.uuid);
    expect(left.length).toBeLessThan(guests.length / 2);
  });

  it.each(forgeries)(
    'are left to be asked for where metadata looks like one of them: $what, of $other.name',
    async (forger) => {
      const { uuid, other } = forger;
      expect(await dumpByItself(uuid)).toContain(forgeryOf(other));
      // every second one is dumped by the same virsh
      const asked = [forger, first, other, ...guests.filter((guest) => guest !== first && guest !== other)];
      const left = await expectNoOthers(dumpInBulk(uri, asked, { secrets: false }));
      expect(left).toEqual(expect.arrayContaining([uuid, other.uuid]));
      expect(left.length).toBeLessThan(guests.length / 2);
    },
  );

  it('are all left to be asked for where there is no connection', async () => {
    const definitions = dumpInBulk('test:///no/such/file.xml', guests, { secrets: false });
    expect([...new Set(await Promise.all(definitions.values()))]).toEqual([undefined]);
  });
});
