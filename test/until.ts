import { setTimeout as delay } from 'node:timers/promises';

interface Patience {
  /** How long it may take; default two minutes: a busy machine emulates slowly. */
  readonly timeoutMs?: number;
  /** How long to wait between two looks. */
  readonly everyMs?: number;
}

/** For moments that pass. */
export const QUICKLY: Patience = { everyMs: 2 };

/** Poll until something holds, or fail with what was waited for. What the look throws is not waited out. */
export async function until(
  what: string,
  holds: () => Promise<boolean>,
  { timeoutMs = 120_000, everyMs = 50 }: Patience = {},
): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; !(await holds()); await delay(everyMs))
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs / 1000} s: ${what}`);
}
