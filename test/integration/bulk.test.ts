import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { dumpInBulk } from '../../src/virsh/bulk.ts';
import { guestXml } from '../testbed/guest-xml.ts';

const guests = ['one', 'two', 'three'].map((name, number) => ({
  name,
  uuid: `7e57bed0-0000-4000-9000-00000000000${number}`,
}));
const gone = { name: 'gone', uuid: '7e57bed0-0000-4000-9000-0000000000ff' };

let folder: string;
let uri: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtioize-bulk-'));
  const definitions = guests.map((guest) =>
    guestXml({ ...guest, machine: 'pc', disks: [], graphics: { password: 's3cret' } })
      .replace("<domain type='qemu'>", "<domain type='test'>")
      .replace('</domain>', '<!-- end-of-one --></domain>'),
  );
  await writeFile(join(folder, 'host.xml'), `<node>${definitions.join('')}</node>`);
  uri = `test://${join(folder, 'host.xml')}`;
});

afterAll(async () => rm(folder, { recursive: true, force: true }));

async function dumpByItself(uuid: string, ...words: string[]): Promise<string> {
  const { stdout } = await execa('virsh', ['-q', '-c', uri, 'dumpxml', '--inactive', ...words, uuid]);
  return `${stdout.trimEnd()}\n`;
}

describe('definitions that are dumped in bulk', () => {
  it.each([true, false])('are those that are dumped one by one, where secrets are asked for: %j', async (secrets) => {
    const definitions = dumpInBulk(uri, guests, { secrets });
    for (const { uuid } of guests)
      expect(await definitions.get(uuid)).toBe(await dumpByItself(uuid, ...(secrets ? ['--security-info'] : [])));
    expect((await definitions.get(guests[0]?.uuid ?? ''))?.includes('s3cret')).toBe(secrets);
  });

  it('are left to be asked for where one is gone, and the others are there', async () => {
    const [one, two] = guests;
    if (one === undefined || two === undefined) throw new Error('guests are missing');
    const definitions = dumpInBulk(uri, [one, gone, two], { secrets: false });
    expect(await definitions.get(gone.uuid)).toBeUndefined();
    for (const { uuid } of [one, two]) expect(await definitions.get(uuid)).toBe(await dumpByItself(uuid));
  });

  it('are all left to be asked for where there is no connection', async () => {
    const definitions = dumpInBulk('test:///no/such/file.xml', guests, { secrets: false });
    expect(await Promise.all(definitions.values())).toEqual([undefined, undefined, undefined]);
  });
});
