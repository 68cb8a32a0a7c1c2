/** What still goes on once a run is interrupted gets this long, whatever it was given before. */
const GRACE_MS = 60_000;

/** A point in time up to which something is waited for. */
export interface Deadline {
  leftMs(): number;
  hasPassed(): boolean;
}

/** @param interrupted brings the end near, counted from the first look after it was set. */
export function createDeadline(timeoutMs: number, interrupted: AbortSignal): Deadline {
  let end = Date.now() + timeoutMs;
  let isNear = false;
  const leftMs = (): number => {
    if (interrupted.aborted && !isNear) {
      isNear = true;
      end = Math.min(end, Date.now() + GRACE_MS);
    }
    return Math.max(0, end - Date.now());
  };
  return { leftMs, hasPassed: () => leftMs() === 0 };
}
