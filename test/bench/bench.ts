import { parseArgs } from 'node:util';
import type { Bound, Timing } from './contest.ts';
import { compareConversions } from './conversions.ts';
import { createFleet } from './fleet.ts';
import { measureGrowth } from './growth.ts';
import { compareInspections } from './inspections.ts';
import { type Measured, seconds, writePerformancePage } from './performance-page.ts';
import { compareReadings } from './readings.ts';
import { compareStarts } from './starts.ts';

/**
 * Measure and print; machines are shared and noisy, so that everything is a ratio of things that took turns.
 * @param argv `--guests N` (200), `--rounds N` (5; what is short takes several times as many), `--only NAME`, `--write`: into docs/performance.md
 * @returns the exit status: 0 where every ratio is within its bound.
 */
export async function bench(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      guests: { type: 'string', default: '200' },
      rounds: { type: 'string', default: '5' },
      only: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  const [guests, rounds] = [Number(values.guests), Number(values.rounds)];
  const results = new Map<string, Measured>();
  for (const [name, measure] of Object.entries(benchmarks(guests, rounds))) {
    if (values.only !== undefined && values.only !== name) continue;
    say(name);
    const measured = await measure();
    const { timings, bounds } = measured;
    results.set(name, measured);
    for (const timing of timings) say(`  ${describeTiming(timing)}`);
    for (const bound of bounds) say(`  ${describeBound(bound)}`);
  }
  if (values.write)
    await writePerformancePage(
      results,
      argv.filter((word) => word !== '--write'),
    );
  const bounds = [...results.values()].flatMap((measured) => measured.bounds);
  return bounds.length > 0 && bounds.every(({ value, atMost }) => value <= atMost) ? 0 : 1;
}

function benchmarks(guests: number, rounds: number): Record<string, () => Promise<Measured>> {
  const withFleet = async <T>(
    count: number,
    measure: (fleet: Awaited<ReturnType<typeof createFleet>>) => Promise<T>,
  ) => {
    const fleet = await createFleet(count);
    try {
      return await measure(fleet);
    } finally {
      await fleet.dispose();
    }
  };
  return {
    starts: () => withFleet(1, (fleet) => compareStarts(fleet, rounds * 4)),
    conversions: () => withFleet(guests, (fleet) => compareConversions(fleet, rounds)),
    readings: () => withFleet(guests, (fleet) => withFleet(0, (empty) => compareReadings(fleet, empty, rounds * 30))),
    growth: () => measureGrowth(rounds),
    inspections: () => compareInspections(rounds),
  };
}

function describeTiming({ name, median, least, most }: Timing): string {
  return `${name}: ${seconds(median)} (${seconds(least)} to ${seconds(most)})`;
}

function describeBound({ what, value, atMost }: Bound): string {
  return `${what}: ${value.toPrecision(3)} (at most ${Number(atMost.toPrecision(3))})${value <= atMost ? '' : ', which it is not'}`;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
