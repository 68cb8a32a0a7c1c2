import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  announce,
  findEnded,
  findUnfinished,
  findWanted,
  type JournalEntry,
  readJournal,
} from '../../../src/store/journal.ts';

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

/** Lines of a journal, a second apart: change, step, and what an `end` says. */
function entries(
  ...lines: [change: string, step: JournalEntry['step'], end?: Partial<JournalEntry>][]
): JournalEntry[] {
  return lines.map(([change, step, end], n) => ({ at: `2026-01-01T03:00:0${n}Z`, change, guest, step, ...end }));
}

const WANTED = { side: 'undone', wanted: true } as const;

describe('an unfinished change', () => {
  it('knows since when it goes on, and when its guest was asked to go off', () => {
    const [open] = findUnfinished(entries(['a', 'begin'], ['a', 'back-up'], ['a', 'shut-down'], ['a', 'define']));
    expect(open).toMatchObject({ since: '2026-01-01T03:00:00Z', askedAt: '2026-01-01T03:00:02Z' });
  });

  it('was not asked to go off where that is not in the journal', () => {
    const [open] = findUnfinished(entries(['a', 'begin'], ['a', 'define']));
    expect(open).not.toHaveProperty('askedAt');
  });

  it('comes in the order in which it was begun', () => {
    const open = findUnfinished(entries(['b', 'begin'], ['a', 'begin'], ['b', 'define']));
    expect(open.map(({ id }) => id)).toEqual(['b', 'a']);
  });

  it('that goes on after its guest went off late still knows that the guest was asked to go off', () => {
    const late = entries(['a', 'begin'], ['a', 'shut-down'], ['a', 'end', WANTED], ['a', 'start']);
    expect([...(findUnfinished(late)[0]?.steps ?? [])]).toContain('shut-down');
  });
});

describe('a guest that ignored the request to go off', () => {
  it('is wanted running from the end of that change on', () => {
    const ignored = entries(['a', 'begin'], ['a', 'shut-down'], ['a', 'end', WANTED]);
    expect(findWanted(ignored)).toEqual([{ change: 'a', guest, at: '2026-01-01T03:00:02Z' }]);
    expect(findUnfinished(ignored)).toEqual([]);
  });

  it('is not any more once that change goes on, or has ended anew', () => {
    expect(findWanted(entries(['a', 'end', WANTED], ['a', 'start']))).toEqual([]);
    expect(findWanted(entries(['a', 'end', WANTED], ['a', 'end', { side: 'undone' }]))).toEqual([]);
  });

  it('is not the guest of another change that ended otherwise', () => {
    expect(findWanted(entries(['a', 'begin'], ['a', 'end', { side: 'done' }], ['b', 'begin']))).toEqual([]);
  });

  it('is not wanted because of that once a later change has asked it to go off', () => {
    const lines = entries(['a', 'end', WANTED], ['b', 'begin'], ['b', 'shut-down'], ['b', 'end', { side: 'done' }]);
    expect(findWanted(lines)).toEqual([]);
  });
});

describe('a change that has ended', () => {
  it('is told with what it did, how, and from when to when', () => {
    const lines = entries(['a', 'begin', { action: 'rollback' }], ['a', 'define'], ['a', 'end', { side: 'done' }]);
    expect(findEnded(lines)).toEqual([
      {
        guest,
        action: 'rollback',
        side: 'done',
        steps: new Set(['begin', 'define', 'end']),
        begunAt: '2026-01-01T03:00:00Z',
        endedAt: '2026-01-01T03:00:02Z',
      },
    ]);
  });

  it('has no action in the journal of a version that did not write it down', () => {
    expect(findEnded(entries(['a', 'begin'], ['a', 'end', { side: 'done' }]))).toMatchObject([{ action: undefined }]);
  });

  it('comes in the order in which it ended; one that went on after its end, where it ended for good', () => {
    const lines = entries(
      ['a', 'begin'],
      ['b', 'begin'],
      ['a', 'end', WANTED],
      ['b', 'end', { side: 'done' }],
      ['a', 'end', { side: 'rolled-back' }],
    );
    expect(findEnded(lines).map(({ side }) => side)).toEqual(['done', 'rolled-back']);
  });

  it('is not one that is still open', () => {
    expect(findEnded(entries(['a', 'begin'], ['a', 'define']))).toEqual([]);
  });
});
