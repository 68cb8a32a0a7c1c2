import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { emptyResult, type GuestResult } from '../../../../src/conversion/result.ts';
import { noteTold } from '../../../../src/conversion/told/note-told.ts';
import { VirtioizeError } from '../../../../src/error.ts';
import { type HostPlaces, hostPlaces } from '../../../../src/store/state-dir.ts';
import { readTold } from '../../../../src/store/told.ts';
import type { Session } from '../../../../src/virsh/session.ts';

const WEB = '6f1ed5c8-3d02-4a6b-8f5c-000000000001';
const DB = '6f1ed5c8-3d02-4a6b-8f5c-000000000002';

let folder: string;
let places: HostPlaces;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtioize-told-'));
  places = hostPlaces(folder, 'host');
  await mkdir(places.folder);
});

afterEach(async () => rm(folder, { recursive: true }));

/** A recorded host that lists guests, and is asked nothing else. */
function fakeSession(there: readonly string[] | 'none'): Session {
  const run = async () => {
    if (there === 'none') throw new VirtioizeError('connection-lost', 'libvirtd died.');
    return { stdout: there.map((uuid) => `${uuid} name`).join('\n'), errors: [] };
  };
  return { uri: 'test:///fake', run, outlivesReader: true, isOver: () => false, close: async () => {} };
}

function pending(uuid: string): GuestResult {
  return { ...emptyResult({ name: 'g', uuid }), outcome: 'converted', restart: 'pending' };
}

async function night(guests: readonly string[], there: readonly string[] | 'none' = [WEB, DB]): Promise<string[]> {
  return [...(await noteTold({ session: fakeSession(there), places }, guests.map(pending)))];
}

describe('what was told of guests on a recorded host', () => {
  it('is kept for the next run, also that of guests which a run was not about', async () => {
    expect(await night([WEB, DB])).toEqual([]);
    expect(await night([WEB])).toEqual([WEB]);
    expect(await night([WEB, DB])).toEqual([WEB, DB]);
  });

  it('is readable by its owner alone', async () => {
    await night([WEB]);
    expect(((await stat(places.told)).mode & 0o777).toString(8)).toBe('600');
  });

  it('is dropped with the guest', async () => {
    await night([WEB, DB]);
    await night([WEB], [WEB]);
    expect([...(await readTold(places.told)).keys()]).toEqual([WEB]);
  });

  it.each(['', '{', '[]', '{"formatVersion":2,"guests":{}}', '{"formatVersion":1,"guests":{"a":1}}'])(
    'counts for nothing where it can not be read: %j',
    async (text) => {
      await writeFile(places.told, text);
      expect(await night([WEB])).toEqual([]);
      expect(await night([WEB])).toEqual([WEB]);
    },
  );

  it('counts for nothing where it is larger than any host would make it', async () => {
    const guests = { [WEB]: 'converted pending', other: 'x'.repeat(5 * 1024 * 1024) };
    await writeFile(places.told, JSON.stringify({ formatVersion: 1, guests }));
    expect(await night([WEB])).toEqual([]);
  });

  it('is told again where it could not be noted, and that is all', async () => {
    await mkdir(places.told);
    expect(await night([WEB])).toEqual([]);
    expect(await night([WEB])).toEqual([]);
  });

  it('stays as it was where libvirt can not be asked which guests there are', async () => {
    await night([WEB]);
    const before = await readFile(places.told, 'utf8');
    expect(await night([WEB, DB], 'none')).toEqual([WEB]);
    expect(await readFile(places.told, 'utf8')).toBe(before);
  });
});
