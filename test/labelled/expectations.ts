import { expect, it } from '@jest/globals';
import { type Comparison, isAsLabelled } from './compare.ts';
import type { Label } from './labelled-guest.ts';

const LEAST_PROVEN = 0.9;

/** A path, a driver, an id, a version, or something quoted from the guest. */
const NAMES_A_FACT = /[/\\]|virtio|viostor|'[^']+'|\d\.\d|[0-9A-F]{4}|BitLocker|LUKS|FreeBSD|nothing is on/;

/** Warnings about the definition that depend on the disk alone; labels speak of the guest's system. */
const ABOUT_DEFINITION = ['boot-order-rewritten', 'setting-dropped', 'trim-lost', 'device-order'];

/**
 * The tests that hold the program to the labels.
 * @param find the comparison of one guest, or all; there is none before the tests run.
 */
export function itAnswersAsLabelled(
  guests: readonly { readonly name: string; readonly label: Label }[],
  find: (name?: string) => readonly Comparison[],
): void {
  it('none is called proven that is not ready', () => {
    const wrong = find().filter(({ label, answer }) => answer === 'proven' && label.is !== 'ready');
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  it('at least nine in ten that are ready are proven, or likely where that is all that can be known', () => {
    const ready = find().filter(({ label }) => label.is === 'ready' || label.is === 'likely');
    const asLabelled = ready.filter(isAsLabelled);
    expect(asLabelled.length / ready.length).toBeGreaterThanOrEqual(LEAST_PROVEN);
  });

  it('each is told a fact', () => {
    const untold = find().filter(({ summaries }) => !summaries.some((summary) => NAMES_A_FACT.test(summary)));
    expect(untold.map(({ name }) => name)).toEqual([]);
  });

  const told = guests.map(({ name, label: { is, refusals = [], warnings = [] } }) => ({
    name,
    is,
    refusals: [...refusals].sort(),
    warnings: [...warnings].sort(),
  }));

  it.each(told.filter(({ is }) => is === 'not ready'))('$name is refused for $refusals', ({ name, refusals }) => {
    expect(find(name)[0]?.refusals).toEqual(refusals);
  });

  it.each(told)('$name is warned of $warnings', ({ name, warnings }) => {
    const given = find(name)[0]?.warnings.filter((code) => !ABOUT_DEFINITION.includes(code));
    expect(given).toEqual(warnings);
  });
}
