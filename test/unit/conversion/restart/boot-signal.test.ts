import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type BootLook, createBootSignal, type WriteCounters } from '../../../../src/conversion/restart/boot-signal.ts';

const TARGETS = ['vda', 'vdb', 'vdc'];
const SECOND = 1000;
const START = Date.parse('2026-01-01T03:00:00Z');

/** One look, so many seconds after the start; counters are writes and flushes by target. */
function look(
  seconds: number,
  counters: Readonly<Record<string, readonly [writes: number, flushes: number]>>,
  { resets = 0, view }: Partial<Pick<BootLook, 'resets' | 'view'>> = {},
): BootLook {
  const blocks = new Map(Object.entries(counters).map(([target, [writes, flushes]]) => [target, { writes, flushes }]));
  return { at: START + seconds * SECOND, resets, blocks, view };
}

function disk(target: string, { written = true, writesThrough = false } = {}) {
  return { target, bus: 'virtio', written, writesThrough };
}

const signalOf = (...disks: ReturnType<typeof disk>[]) => createBootSignal({ disks, agent: undefined });

describe('without an agent, a guest has come up', () => {
  it('once it writes and flushes, and goes on for 30 s', () => {
    const signal = signalOf(disk('vda'));
    expect(signal.observe(look(0, { vda: [0, 0] }))).toEqual(["its system has not written to 'vda'"]);
    expect(signal.observe(look(5, { vda: [8, 0] }))).toEqual(["its system has not written to 'vda'"]);
    expect(signal.observe(look(6, { vda: [9, 1] }))).toEqual(['it writes, but was not seen to go on for 30 s']);
    expect(signal.observe(look(35, { vda: [40, 5] }))).not.toEqual([]);
    expect(signal.observe(look(36, { vda: [40, 5] }))).toEqual([]);
  });

  it('not before it has written more than when the 30 s began', () => {
    const signal = signalOf(disk('vda'));
    signal.observe(look(0, { vda: [24, 8] }));
    expect(signal.observe(look(60, { vda: [24, 8] }))).not.toEqual([]);
    expect(signal.observe(look(61, { vda: [25, 8] }))).toEqual([]);
  });

  it('not by a burst of writes that is seen half way, as of a boot loader that UEFI flushes for', () => {
    const signal = signalOf(disk('vda'));
    signal.observe(look(5, { vda: [3, 1] }));
    signal.observe(look(7, { vda: [6, 2] }));
    expect(signal.observe(look(300, { vda: [6, 2] }))).not.toEqual([]);
    expect(signal.observe(look(301, { vda: [7, 2] }))).toEqual([]);
  });

  it('only once it uses every disk that was written before', () => {
    const signal = signalOf(disk('vda'), disk('vdb'));
    signal.observe(look(0, { vda: [9, 1], vdb: [0, 0] }));
    expect(signal.observe(look(40, { vda: [90, 9], vdb: [0, 0] }))).toEqual(["its system has not written to 'vdb'"]);
    signal.observe(look(41, { vda: [91, 9], vdb: [1, 1] }));
    expect(signal.observe(look(70, { vda: [99, 9], vdb: [1, 1] }))).not.toEqual([]);
    expect(signal.observe(look(71, { vda: [99, 9], vdb: [1, 1] }))).toEqual([]);
  });

  it('without a data disk that was not written before', () => {
    const signal = signalOf(disk('vda'), disk('vdb', { written: false }));
    signal.observe(look(0, { vda: [9, 1] }));
    expect(signal.observe(look(30, { vda: [10, 1] }))).toEqual([]);
  });

  it('with any disk, where none was written before', () => {
    const signal = signalOf(disk('vda', { written: false }), disk('vdb', { written: false }));
    expect(signal.observe(look(0, {}))).toEqual(["its system has not written to 'vda', 'vdb'"]);
    signal.observe(look(1, { vdb: [9, 1] }));
    expect(signal.observe(look(31, { vdb: [10, 1] }))).toEqual([]);
  });

  it('without a flush, where its cache is written through', () => {
    const signal = signalOf(disk('vda', { writesThrough: true }));
    signal.observe(look(0, { vda: [1, 0] }));
    expect(signal.observe(look(30, { vda: [2, 0] }))).toEqual([]);
  });

  it('30 s after its last reset, by what it wrote since', () => {
    const signal = signalOf(disk('vda'));
    signal.observe(look(0, { vda: [20, 5] }));
    expect(signal.observe(look(29, { vda: [30, 9] }, { resets: 1 }))).toEqual(["its system has not written to 'vda'"]);
    expect(signal.observe(look(31, { vda: [30, 9] }, { resets: 1 }))).toEqual(["its system has not written to 'vda'"]);
    signal.observe(look(40, { vda: [35, 10] }, { resets: 1 }));
    expect(signal.observe(look(69, { vda: [50, 12] }, { resets: 1 }))).not.toEqual([]);
    expect(signal.observe(look(70, { vda: [50, 12] }, { resets: 1 }))).toEqual([]);
  });

  it('never, where it is reset again and again within 30 s of its first writes', () => {
    const signal = signalOf(disk('vda'));
    const seen = Array.from({ length: 20 }, (_, n) =>
      signal.observe(look(n * 20, { vda: [n * 50, n * 5] }, { resets: n })),
    );
    expect(seen.filter((missing) => missing.length === 0)).toEqual([]);
  });
});

describe('a guest has written to its disks', () => {
  it('not, where its firmware only reads', () => {
    const signal = signalOf(disk('vda'));
    expect(signal.hasWritten(look(0, { vda: [0, 0] }))).toBe(false);
    expect(signal.hasWritten(look(300, { vda: [0, 0] }))).toBe(false);
  });

  it('not by the few writes of a boot loader, once they are 30 s old', () => {
    const signal = signalOf(disk('vda'));
    signal.observe(look(0, { vda: [16, 0] }));
    expect(signal.hasWritten(look(29, { vda: [16, 0] }))).toBe(true);
    expect(signal.hasWritten(look(30, { vda: [16, 0] }))).toBe(false);
    expect(signal.hasWritten(look(300, { vda: [17, 0] }))).toBe(true);
  });

  it('by its few writes where they were not seen earlier: they may be recent', () => {
    expect(signalOf(disk('vda')).hasWritten(look(300, { vda: [1, 0] }))).toBe(true);
  });

  it('at once where it flushes, on whichever of the disks', () => {
    const signal = signalOf(disk('vda'), disk('vdb', { written: false }));
    signal.observe(look(0, { vda: [0, 0], vdb: [1, 1] }));
    expect(signal.hasWritten(look(300, { vda: [0, 0], vdb: [1, 1] }))).toBe(true);
  });

  it('also where it was reset since', () => {
    const signal = signalOf(disk('vda'));
    signal.observe(look(0, { vda: [20, 5] }));
    signal.observe(look(90, { vda: [20, 5] }, { resets: 1 }));
    expect(signal.hasWritten(look(180, { vda: [20, 5] }, { resets: 1 }))).toBe(true);
  });

  it('also where libvirt can not read the counters any more', () => {
    const signal = signalOf(disk('vda'));
    signal.observe(look(0, { vda: [200, 50] }));
    expect(signal.hasWritten(look(300, {}))).toBe(true);
  });

  it('also where it runs from a disk that did not move', () => {
    const signal = signalOf(disk('vdb'));
    signal.observe(look(0, { vda: [200, 50], vdb: [0, 0] }));
    expect(signal.hasWritten(look(300, { vda: [9000, 900], vdb: [0, 0] }))).toBe(true);
  });
});

describe('for any sequence of looks', () => {
  const disks = fc
    .uniqueArray(fc.constantFrom(...TARGETS), { minLength: 1 })
    .chain((targets) => fc.tuple(...targets.map((target) => anyDisk(target))));
  const steps = fc.array(
    fc.record({
      seconds: fc.integer({ min: 0, max: 90 }),
      reset: fc.boolean(),
      more: fc.dictionary(
        fc.constantFrom(...TARGETS),
        fc.record({ writes: fc.nat({ max: 20 }), flushes: fc.nat({ max: 2 }) }),
        { noNullPrototype: true },
      ),
    }),
    { minLength: 1, maxLength: 30 },
  );

  it('without a single write the guest has not come up, and has not written', () => {
    fc.assert(
      fc.property(disks, steps, (expected, all) => {
        const signal = createBootSignal({ disks: expected, agent: undefined });
        for (const one of looksOf(all.map((step) => ({ ...step, more: {} })))) {
          expect(signal.observe(one)).not.toEqual([]);
          expect(signal.hasWritten(one)).toBe(false);
        }
      }),
    );
  });

  it('a guest that was seen to flush has written, from then on', () => {
    fc.assert(
      fc.property(disks, steps, (expected, all) => {
        const signal = createBootSignal({ disks: expected, agent: undefined });
        for (const one of looksOf(all)) {
          signal.observe(one);
          const isFlushed = expected.some(({ target }) => (one.blocks.get(target)?.flushes ?? 0) > 0);
          expect(signal.hasWritten(one) || !isFlushed).toBe(true);
        }
      }),
    );
  });
});

function anyDisk(target: string) {
  return fc.record({
    target: fc.constant(target),
    bus: fc.constant('virtio'),
    written: fc.boolean(),
    writesThrough: fc.boolean(),
  });
}

interface LookStep {
  readonly seconds: number;
  readonly reset: boolean;
  readonly more: Readonly<Record<string, WriteCounters>>;
}

/** Looks one after another; QEMU's counters only grow. */
function looksOf(steps: readonly LookStep[]): BootLook[] {
  let [at, resets] = [START, 0];
  const none = { writes: 0, flushes: 0 };
  let blocks: ReadonlyMap<string, WriteCounters> = new Map(TARGETS.map((target) => [target, none]));
  return steps.map(({ seconds, reset, more }) => {
    at += seconds * SECOND;
    if (reset) resets += 1;
    const grown = Object.entries(more).map(([target, { writes, flushes }]) => {
      const before = blocks.get(target) ?? none;
      return [target, { writes: before.writes + writes, flushes: before.flushes + flushes }] as const;
    });
    blocks = new Map([...blocks, ...grown]);
    return { at, resets, blocks, view: undefined };
  });
}
