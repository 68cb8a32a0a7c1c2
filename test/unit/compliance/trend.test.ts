import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type PastChange, traceTrend } from '../../../src/compliance/trend.ts';

const NOW = '2026-06-01T00:00:00.000Z';

/** A change on a day of May. */
function change(guest: string, day: number, effect: PastChange['effect']): PastChange {
  const date = `2026-05-${String(day).padStart(2, '0')}`;
  return { guest, effect, begunAt: `${date}T10:00:00.000Z`, endedAt: `${date}T10:05:00.000Z` };
}

/** Day and minute of each point, with its count. */
function trace(emulated: Record<string, boolean>, changes: readonly PastChange[]): string[] {
  const present = { at: NOW, emulated: new Map(Object.entries(emulated)) };
  return traceTrend(present, changes).map(({ at, guests }) => `${at.slice(5, 16)} ${guests}`);
}

describe('the trend', () => {
  it('is how it is now where nothing was ever changed', () => {
    expect(trace({ a: true, b: false }, [])).toEqual(['06-01T00:00 1']);
  });

  it('falls with each conversion, from before the first', () => {
    const changes = [change('a', 1, 'converted'), change('b', 3, 'converted')];
    expect(trace({ a: false, b: false, c: true }, changes)).toEqual([
      '05-01T10:00 3',
      '05-01T10:05 2',
      '05-03T10:05 1',
      '06-01T00:00 1',
    ]);
  });

  it('rises where a guest got its old disks back', () => {
    const changes = [change('a', 1, 'converted'), change('a', 2, 'put-back')];
    expect(trace({ a: true }, changes)).toEqual(['05-01T10:00 1', '05-01T10:05 0', '05-02T10:05 1', '06-01T00:00 1']);
  });

  it('does not count guests that were not looked at', () => {
    expect(trace({ a: true }, [change('gone', 1, 'converted')])).toEqual(['06-01T00:00 1']);
  });

  it('takes a change of which nobody wrote down what it was for the one that leads to what came after', () => {
    const changes = [change('a', 1, 'either'), change('a', 2, 'either'), change('b', 3, 'either')];
    expect(trace({ a: true, b: false }, changes)).toEqual([
      '05-01T10:00 2',
      '05-01T10:05 1',
      '05-02T10:05 2',
      '05-03T10:05 1',
      '06-01T00:00 1',
    ]);
  });

  it('has no step for a conversion that left other disks of the guest emulated', () => {
    expect(trace({ a: true }, [change('a', 1, 'converted')])).toEqual(['05-01T10:00 1', '06-01T00:00 1']);
  });

  it('never goes back in time, also where the clock was', () => {
    const changes = [change('a', 20, 'converted'), change('b', 2, 'converted')];
    expect(trace({ a: false, b: false }, changes)).toEqual([
      '05-02T10:05 2',
      '05-02T10:05 1',
      '05-02T10:05 0',
      '06-01T00:00 0',
    ]);
  });

  it('has at most 200 points, the first and the last among them', () => {
    const names = Array.from({ length: 500 }, (_, number) => `guest-${number}`);
    const changes = names.map((name, number): PastChange => {
      const at = new Date(Date.UTC(2026, 0, 1) + number * 3_600_000).toISOString();
      return { guest: name, effect: 'converted', begunAt: at, endedAt: at };
    });
    const present = { at: NOW, emulated: new Map(names.map((name) => [name, false])) };
    const points = traceTrend(present, changes);
    expect(points).toHaveLength(200);
    expect(points[0]).toEqual({ at: '2026-01-01T00:00:00.000Z', guests: 500 });
    expect(points.at(-1)).toEqual({ at: NOW, guests: 0 });
  });

  it('ends with how it is now, is in order, and never counts more guests than there are', () => {
    const effect = fc.constantFrom<PastChange['effect']>('converted', 'put-back', 'either');
    const guest = fc.constantFrom('a', 'b', 'c', 'gone');
    const past = fc.array(fc.tuple(guest, fc.integer({ min: 1, max: 31 }), effect), { maxLength: 40 });
    fc.assert(
      fc.property(past, fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()), (changes, [a, b, c]) => {
        const emulated = new Map(Object.entries({ a, b, c }));
        const points = traceTrend(
          { at: NOW, emulated },
          changes.map((one) => change(...one)),
        );
        expect(points.at(-1)).toEqual({ at: NOW, guests: [a, b, c].filter(Boolean).length });
        expect(points.map(({ at }) => at)).toEqual(points.map(({ at }) => at).sort());
        for (const { guests } of points) expect([0, 1, 2, 3]).toContain(guests);
      }),
    );
  });
});
