import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createDeadline } from '../../../../src/conversion/restart/deadline.ts';

const MINUTE = 60_000;

beforeEach(() => {
  jest.useFakeTimers({ now: 0 });
});

afterEach(() => {
  jest.useRealTimers();
});

describe('a deadline', () => {
  it('passes when its time is over', () => {
    const deadline = createDeadline(5 * MINUTE, new AbortController().signal);
    expect([deadline.leftMs(), deadline.hasPassed()]).toEqual([5 * MINUTE, false]);
    jest.setSystemTime(5 * MINUTE - 1);
    expect([deadline.leftMs(), deadline.hasPassed()]).toEqual([1, false]);
    jest.setSystemTime(7 * MINUTE);
    expect([deadline.leftMs(), deadline.hasPassed()]).toEqual([0, true]);
  });

  it('is a minute away once the run is interrupted', () => {
    const interruption = new AbortController();
    const deadline = createDeadline(60 * MINUTE, interruption.signal);
    jest.setSystemTime(10 * MINUTE);
    interruption.abort();
    expect(deadline.leftMs()).toBe(MINUTE);
    jest.setSystemTime(11 * MINUTE);
    expect(deadline.hasPassed()).toBe(true);
  });

  it('is no farther away for that', () => {
    const interruption = new AbortController();
    const deadline = createDeadline(MINUTE / 2, interruption.signal);
    interruption.abort();
    expect(deadline.leftMs()).toBe(MINUTE / 2);
  });

  it('of a run that was interrupted before is a minute at most', () => {
    expect(createDeadline(5 * MINUTE, AbortSignal.abort()).leftMs()).toBe(MINUTE);
    expect(createDeadline(1000, AbortSignal.abort()).leftMs()).toBe(1000);
  });

  it('of no time has passed at once', () => {
    expect(createDeadline(0, new AbortController().signal).hasPassed()).toBe(true);
  });
});
