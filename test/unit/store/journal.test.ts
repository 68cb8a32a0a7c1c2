import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { announce, findUnfinished, readJournal } from '../../../src/store/journal.ts';

const guest = { name: 'web1', uuid: '6f1ed5c8-3d02-4a6b-8f5c-000000000001' };

let folder: string;
let journal: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtioize-journal-'));
  journal = join(folder, 'journal.ndjson');
});

afterEach(async () => rm(folder, { recursive: true }));

describe('the journal', () => {
  it('that does not exist yet has no entries', async () => {
    expect(await readJournal(journal)).toEqual([]);
  });

  it('tells which changes were begun and not ended, with their steps', async () => {
    await announce(journal, { change: 'a', guest, step: 'begin' });
    await announce(journal, { change: 'b', guest, step: 'begin' });
    await announce(journal, { change: 'a', guest, step: 'end', side: 'done' });
    await announce(journal, { change: 'b', guest, step: 'define' });
    const unfinished = findUnfinished(await readJournal(journal));
    expect(unfinished).toMatchObject([{ id: 'b', guest }]);
    expect([...(unfinished[0]?.steps ?? [])]).toEqual(['begin', 'define']);
  });

  it.each(['{"at":"2026', '{}', 'garbage\u0000', ''])(
    'passes over a line that a crash tore, and goes on after it: %j',
    async (torn) => {
      await announce(journal, { change: 'a', guest, step: 'begin' });
      await appendFile(journal, torn);
      await announce(journal, { change: 'a', guest, step: 'end', side: 'undone' });
      expect((await readJournal(journal)).map(({ step }) => step)).toEqual(['begin', 'end']);
      expect((await readFile(journal, 'utf8')).endsWith('\n')).toBe(true);
    },
  );
});
