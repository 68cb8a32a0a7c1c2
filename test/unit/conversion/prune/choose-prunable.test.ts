import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  failedConversion,
  givenNames,
  keptNames,
  lastChain,
  standingConversion,
  takenBack,
} from '../../../../src/conversion/past-conversions.ts';
import { choosePrunable } from '../../../../src/conversion/prune/choose-prunable.ts';
import type { ChangeRecord } from '../../../../src/store/record.ts';
import { move, record } from '../change-record.ts';

const NOW = Date.parse('2030-01-01T00:00:00Z');
const RETENTION = { days: 90, keep: 1 };

function daysAgo(days: number): string {
  return new Date(NOW - days * 86_400_000).toISOString();
}

function aged(id: string, days: number, more: Partial<ChangeRecord> = {}): ChangeRecord {
  return record(id, { startedAt: daysAgo(days), ...more });
}

function prunable(records: readonly ChangeRecord[], more: Partial<Parameters<typeof choosePrunable>[0]> = {}) {
  const question = { records, open: new Set<string>(), retention: RETENTION, now: NOW, ...more };
  return choosePrunable(question).map(({ id }) => id);
}

const undone = { state: 'undone' } as const;

describe('of the backups of a guest', () => {
  it('those of attempts that came to nothing go once they are old, but not the newest', () => {
    const records = [aged('a', 300, undone), aged('b', 200, undone), aged('c', 100, undone), aged('d', 95, undone)];
    expect(prunable(records)).toEqual(['a', 'b', 'c']);
    expect(prunable(records, { retention: { days: 90, keep: 3 } })).toEqual(['a']);
    expect(prunable(records, { retention: { days: 250, keep: 0 } })).toEqual(['a']);
    expect(prunable(records, { retention: { days: 0, keep: 0 } })).toEqual(['a', 'b', 'c']);
  });

  it('the age is that of the end, and one whose age can not be told stays', () => {
    const [started, finishedAt] = [{ startedAt: '', ...undone }, daysAgo(10)];
    expect(prunable([record('a', started), aged('b', 300, { ...undone, finishedAt }), record('c')])).toEqual([]);
  });

  it('the conversion that stands stays, with all that it continues, however old', () => {
    const renamed = aged('b', 900, { continues: 'a', changes: [move('hda virtio', 'vda virtio')] });
    expect(prunable([aged('a', 999), renamed, aged('c', 800, undone), aged('d', 0, undone)])).toEqual(['c']);
  });

  it('one that was rolled back goes with its rollback, never the rollback first', () => {
    const back = aged('b', 200, { action: 'rollback', undoes: ['a'] });
    const others = [aged('c', 10, { changes: [move('hda ide', 'vda virtio'), move('hda ide', 'hda virtio')] })];
    expect(prunable([aged('a', 300), back, ...others])).toEqual(['a', 'b']);
    expect(prunable([aged('a', 10), aged('b', 200, { action: 'rollback', undoes: ['a'] }), ...others])).toEqual([]);
  });

  it('one that stands for a name which its disk still keeps stays', () => {
    const other = { changes: [move('sdb sata', 'vdb virtio')] };
    expect(prunable([aged('a', 300), aged('b', 200, other), aged('c', 0, undone)])).toEqual([]);
  });

  it('one that a later one makes good for goes, unless that is needed to know the names after a rollback', () => {
    const plain = { changes: [move('hda ide', 'vda virtio')] };
    expect(prunable([aged('a', 300, plain), aged('b', 200, plain), aged('c', 100, plain)])).toEqual(['a', 'b']);
    const renamed = { changes: [move('hda virtio', 'vda virtio')] };
    expect(prunable([aged('a', 300), aged('b', 200, renamed), aged('c', 0, undone)])).toEqual([]);
  });

  it('the only one that tells of a name which virtioize gave stays: such a disk proves nothing', () => {
    const gave = { ...undone, changes: [move('hda ide', 'vdc virtio')] };
    expect(prunable([aged('a', 300, gave), aged('b', 200), aged('c', 100)])).toEqual([]);
  });

  it('what a change that is still open needs stays', () => {
    const back = aged('b', 250, { action: 'rollback', state: 'undone', undoes: ['a'] });
    const records = [aged('a', 300, undone), back, aged('c', 240, undone), aged('d', 230, undone)];
    expect(prunable(records)).toEqual(['a', 'b', 'c']);
    expect(prunable(records, { open: new Set(['b']) })).toEqual(['c']);
    expect(prunable([aged('a', 300, { state: 'started' }), aged('b', 200, undone)])).toEqual([]);
  });
});

const TARGETS = ['hda', 'hdb', 'vda'] as const;
const change = fc
  .tuple(fc.constantFrom(...TARGETS), fc.constantFrom('ide', 'virtio'), fc.constantFrom(...TARGETS))
  .map(([from, bus, to]) => move(`${from} ${bus}`, `${to} virtio`));

/** Any record, referring to any of those before it. */
const entry = fc.record({
  action: fc.constantFrom('convert', 'convert', 'convert', 'rollback', 'adopt-live-source'),
  state: fc.constantFrom('done', 'done', 'done', 'undone', 'rolled-back', 'started'),
  changes: fc.array(change, { maxLength: 2 }),
  continues: fc.option(fc.nat(), { nil: undefined, freq: 2 }),
  undoes: fc.option(fc.array(fc.nat(), { maxLength: 3 }), { nil: undefined }),
  days: fc.nat(200),
});

/** Ids sort as their records do; clocks go wrong, so ages need not. */
const history = fc.array(entry, { minLength: 1, maxLength: 14 }).map((entries): ChangeRecord[] =>
  entries.map(({ continues, undoes, days, ...more }, position) => {
    const earlier = (number: number): string => `r${String(position === 0 ? 0 : number % position).padStart(2, '0')}`;
    return aged(`r${String(position).padStart(2, '0')}`, days, {
      ...more,
      ...(continues === undefined || position === 0 ? {} : { continues: earlier(continues) }),
      ...(undoes === undefined || position === 0 ? {} : { undoes: undoes.map(earlier) }),
    });
  }),
);

const question = fc.record({
  records: history,
  open: fc
    .array(fc.nat(13), { maxLength: 2 })
    .map((numbers) => new Set(numbers.map((n) => `r${String(n).padStart(2, '0')}`))),
  retention: fc.record({ days: fc.nat(120), keep: fc.nat(3) }),
  now: fc.constant(NOW),
});

/** All that the program asks of a guest's records. */
function answers(records: readonly ChangeRecord[], about: readonly ChangeRecord[]): unknown {
  const undoneOnes = takenBack(records);
  return {
    takenBack: about.map(({ id }) => undoneOnes.has(id)),
    standing: standingConversion(records),
    chain: lastChain(records),
    failed: failedConversion(records),
    kept: keptNames(records),
    given: givenNames(records),
  };
}

describe('whatever a history of records is', () => {
  it('after each removal what is left answers as all did', () => {
    let removed = 0;
    fc.assert(
      fc.property(question, (asked) => {
        let left = asked.records;
        for (const one of choosePrunable(asked)) {
          left = left.filter((other) => other !== one);
          removed += 1;
          expect(answers(left, left)).toEqual(answers(asked.records, left));
        }
      }),
      { numRuns: 2000 },
    );
    expect(removed).toBeGreaterThan(500);
  });

  it('it answers as all did once the last chain is rolled back, too', () => {
    fc.assert(
      fc.property(question, (asked) => {
        const going = choosePrunable(asked);
        const undoes = lastChain(asked.records)?.records.map(({ id }) => id) ?? [];
        const rollBack = (records: readonly ChangeRecord[]) => [
          ...records,
          record('r99', { action: 'rollback', undoes, changes: [] }),
        ];
        const left = asked.records.filter((one) => !going.includes(one));
        expect(keptNames(rollBack(left))).toEqual(keptNames(rollBack(asked.records)));
      }),
      { numRuns: 1000 },
    );
  });

  it('the newest, the young, the open ones and what is continued stay', () => {
    fc.assert(
      fc.property(question, (asked) => {
        const { records, open, retention } = asked;
        const going = choosePrunable(asked);
        const left = records.filter((one) => !going.includes(one));
        expect(left).toEqual(expect.arrayContaining(records.slice(-Math.max(retention.keep, 1))));
        for (const { id, startedAt, state } of going) {
          expect(NOW - Date.parse(startedAt)).toBeGreaterThan(retention.days * 86_400_000);
          expect(open).not.toContain(id);
          expect(state).not.toBe('started');
          expect(left.map(({ continues }) => continues)).not.toContain(id);
        }
        expect(new Set(going).size).toBe(going.length);
      }),
      { numRuns: 2000 },
    );
  });
});
