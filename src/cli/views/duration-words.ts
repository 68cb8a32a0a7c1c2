const MINUTE_MS = 60_000;

/** How long something takes or has taken, roughly: `5 min`, `3 h`, `12 days`. */
export function durationWords(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / MINUTE_MS));
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2 * 24 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`;
}
