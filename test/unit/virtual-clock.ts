import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, jest } from '@jest/globals';

/** Everything but Date: what waits for files and processes goes on as ever. */
const REAL = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'requestAnimationFrame',
  'cancelAnimationFrame',
  'requestIdleCallback',
  'cancelIdleCallback',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
] as const;

/** In the tests of this file the clock stands, and goes on only where time is made to pass. */
export function useVirtualClock(): void {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: [...REAL] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });
}

/** Time passes for all, while everything else that can go on does. */
export async function pass(ms: number): Promise<void> {
  jest.setSystemTime(Date.now() + ms);
  await turn();
}
