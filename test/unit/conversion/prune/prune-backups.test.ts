import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pruneBackups } from '../../../../src/conversion/prune/prune-backups.ts';
import { readHistory } from '../../../../src/conversion/read-history.ts';
import type { HostContext } from '../../../../src/conversion/run-context.ts';
import { changeFiles } from '../../../../src/store/change-files.ts';
import { makeFolderDurably } from '../../../../src/store/durable-file.ts';
import { announce } from '../../../../src/store/journal.ts';
import { readGuestRecords } from '../../../../src/store/past-records.ts';
import { type HostPlaces, hostPlaces } from '../../../../src/store/state-dir.ts';
import { record } from '../change-record.ts';
import { writeBackups } from './backup-folders.ts';

const RETENTION = { days: 90, keep: 1 };
const OLD = { startedAt: '2001-01-01T00:00:00Z', state: 'undone' } as const;
const ATTEMPTS = ['a', 'b', 'c'].map((id) => record(id, OLD));

let folder: string;
let places: HostPlaces;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtioize-prune-'));
  places = hostPlaces(folder, 'host');
  await makeFolderDurably(places.folder);
});

afterEach(async () => rm(folder, { recursive: true }));

async function prune(interrupted = new AbortController().signal): Promise<number> {
  return pruneBackups({ places, interrupted }, RETENTION);
}

async function idsOf(guest: string): Promise<string[]> {
  return (await readGuestRecords(places.backups, guest)).map(({ id }) => id);
}

describe('pruning', () => {
  it('removes old backups with all that lies in them, of every guest that there is a record of', async () => {
    for (const guest of ['one', 'other']) await writeBackups(places.backups, guest, ATTEMPTS);
    expect(await prune()).toBe(4);
    expect(await readdir(join(places.backups, 'one'))).toEqual(['c']);
    expect(await readdir(join(places.backups, 'other'))).toEqual(['c']);
    expect(await readFile(changeFiles(places.backups, 'one', 'c').nvram, 'utf8')).toBe('what there was');
    expect(await prune()).toBe(0);
  });

  it('removes nothing on a host without backups', async () => {
    expect(await prune()).toBe(0);
  });

  it('leaves what an unfinished change needs, and a change whose guest is wanted running', async () => {
    const guest = { name: 'g', uuid: 'one' };
    await writeBackups(places.backups, 'one', ATTEMPTS);
    await announce(places.journal, { change: 'a', guest, step: 'begin' });
    await announce(places.journal, { change: 'b', guest, step: 'shut-down' });
    await announce(places.journal, { change: 'b', guest, step: 'end', side: 'undone', wanted: true });
    expect(await prune()).toBe(0);
    await announce(places.journal, { change: 'a', guest, step: 'end', side: 'undone' });
    expect(await prune()).toBe(1);
    expect(await idsOf('one')).toEqual(['b', 'c']);
  });

  it('keeps all of a guest with a record that can not be read, and says so once the others are done', async () => {
    for (const guest of ['one', 'other']) await writeBackups(places.backups, guest, ATTEMPTS);
    await writeFile(changeFiles(places.backups, 'one', 'b').record, '{');
    await expect(prune()).rejects.toMatchObject({ code: 'record-unreadable' });
    expect((await readdir(join(places.backups, 'one'))).sort()).toEqual(['a', 'b', 'c']);
    expect(await idsOf('other')).toEqual(['c']);
  });

  it('leaves a folder without a record alone: it may be all that is left of a backup', async () => {
    await writeBackups(places.backups, 'one', ATTEMPTS);
    await rm(changeFiles(places.backups, 'one', 'a').record);
    expect(await prune()).toBe(1);
    expect((await readdir(join(places.backups, 'one'))).sort()).toEqual(['a', 'c']);
  });

  it('begins no guest once the run was interrupted', async () => {
    await writeBackups(places.backups, 'one', ATTEMPTS);
    expect(await prune(AbortSignal.abort())).toBe(0);
  });

  it.each([
    ['with all its files', []],
    ['with some of its files', ['before.xml', 'as-it-was']],
    ['without its record', ['record.json', 'nvram.fd']],
    ['damaged', ['record.json is damaged']],
  ])('finishes the removal of a folder that a kill left %s, which no reader has seen', async (_, gone) => {
    await writeBackups(places.backups, 'one', ATTEMPTS);
    const [{ folder: whole }, half] = [changeFiles(places.backups, 'one', 'a'), '.removed-a'];
    await rename(whole, join(places.backups, 'one', half));
    for (const name of gone) await rm(join(places.backups, 'one', half, name), { recursive: true, force: true });
    if (gone.includes('record.json is damaged')) await writeFile(join(places.backups, 'one', half, 'record.json'), '{');
    expect(await idsOf('one')).toEqual(['b', 'c']);
    expect((await readHistory({ places } as HostContext)).map(({ id }) => id)).toEqual(['b', 'c']);
    expect(await prune()).toBe(1);
    expect(await readdir(join(places.backups, 'one'))).toEqual(['c']);
  });
});
