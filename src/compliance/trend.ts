import type { TrendPoint } from './rule-result.ts';

/** A change of a guest's definition in the past, which stood at the time. */
export interface PastChange {
  /** The guest's UUID. */
  readonly guest: string;
  /** ISO 8601 */
  readonly begunAt: string;
  readonly endedAt: string;
  /**
   * `converted`: it took the emulated disks away; `put-back`: it brought them back; `either`: it did one of the two, and
   * which one was not written down.
   */
  readonly effect: 'converted' | 'put-back' | 'either';
}

/** How guests stand at the end of the time that is looked back on. */
export interface Present {
  /** ISO 8601 */
  readonly at: string;
  /** By UUID: whether the guest has emulated disks in its definition. Changes of other guests do not count. */
  readonly emulated: ReadonlyMap<string, boolean>;
}

const MAX_POINTS = 200;

/**
 * How many guests had emulated disks at each past time, oldest first: worked out backwards from how they stand now.
 * What was changed without virtioize is not seen.
 * @param changes in the order in which they ended.
 */
export function traceTrend({ at, emulated }: Present, changes: readonly PastChange[]): TrendPoint[] {
  const isEmulated = new Map(emulated);
  const count = (): number => [...isEmulated.values()].filter(Boolean).length;
  let guests = count();
  const points: TrendPoint[] = [{ at, guests }];
  /** A clock that was set back must not bend the line. */
  const add = (when: string): void => {
    const next = points[0]?.at ?? at;
    points.unshift({ at: when < next ? when : next, guests });
  };
  let first: string | undefined;
  for (const { guest, begunAt, endedAt, effect } of [...changes].reverse()) {
    const after = isEmulated.get(guest);
    if (after === undefined) continue;
    const before = effect === 'either' ? !after : effect === 'converted';
    first = begunAt;
    if (before === after) continue;
    add(endedAt);
    isEmulated.set(guest, before);
    guests += before ? 1 : -1;
  }
  if (first !== undefined) add(first);
  return thinOut(points);
}

/** At most so many points, evenly taken; the first and the last stay. */
function thinOut(points: readonly TrendPoint[]): TrendPoint[] {
  if (points.length <= MAX_POINTS) return [...points];
  const step = (points.length - 1) / (MAX_POINTS - 1);
  return Array.from({ length: MAX_POINTS }, (_, position) => points[Math.round(position * step)]).filter(
    (point) => point !== undefined,
  );
}
