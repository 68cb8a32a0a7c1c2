/** Something whose time is measured. */
export interface Contender {
  readonly name: string;
  /** What comes before each run, and is not measured. */
  readonly prepare?: () => Promise<void>;
  readonly run: () => Promise<void>;
  /** Throws where the run did not do what it should. Not measured. */
  readonly check?: () => Promise<void>;
}

/** Of one contender's runs, in ms. */
export interface Timing {
  readonly name: string;
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Let contenders take turns, so that what else the machine does falls on all of them. One round before is not counted. */
export async function takeTurns(contenders: readonly Contender[], rounds: number): Promise<Timing[]> {
  const times = new Map(contenders.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, prepare, run, check } of contenders) {
      await prepare?.();
      const begun = performance.now();
      await run();
      if (round > 0) times.get(name)?.push(performance.now() - begun);
      await check?.();
    }
  }
  return [...times].map(([name, all]) => summarize(name, all));
}

function summarize(name: string, times: readonly number[]): Timing {
  const sorted = [...times].sort((one, other) => one - other);
  const [least = Number.NaN, most = Number.NaN] = [sorted[0], sorted.at(-1)];
  const middle = (sorted.length - 1) / 2;
  const [below = Number.NaN, above = Number.NaN] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  return { name, median: (below + above) / 2, least, most };
}

/** What is to hold of a benchmark's medians. */
export interface Bound {
  readonly what: string;
  readonly value: number;
  readonly atMost: number;
}
