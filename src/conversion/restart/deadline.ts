/** What still goes on once a run is interrupted gets this long, whatever it was given before. */
const GRACE_MS = 60_000;

/** A point in time up to which something is waited for; an interruption brings it near. */
export interface Deadline {
  leftMs(): number;
  hasPassed(): boolean;
}

export function createDeadline(timeoutMs: number, interrupted: AbortSignal): Deadline {
  let end = Date.now() + timeoutMs;
  const bringNear = (): void => {
    end = Math.min(end, Date.now() + GRACE_MS);
  };
  if (interrupted.aborted) bringNear();
  else interrupted.addEventListener('abort', bringNear, { once: true });
  const leftMs = (): number => Math.max(0, end - Date.now());
  return { leftMs, hasPassed: () => leftMs() === 0 };
}
