/** As many as a run has in hand at a time: its jobs, each with the definitions before, after and live. */
const AT_MOST = 32;

/** What was made of the texts that were asked about lately. */
export interface Lately<T> {
  /** What was made of this text, or is made of it now. */
  readonly of: (text: string) => T;
  /** From now on this is what was made of it. */
  readonly keep: (text: string, made: T) => void;
}

/**
 * A ring, in which the oldest gives its place to the newest: a Map whose entries come and go is made anew again and again,
 * and V8 keeps what the old one holds much longer.
 */
export function createLately<T>(make: (text: string) => T): Lately<T> {
  const ring: { text: string; made: T }[] = [];
  let next = 0;
  const keep = (text: string, made: T): void => {
    ring[next] = { text, made };
    next = (next + 1) % AT_MOST;
  };
  const of = (text: string): T => {
    for (const known of ring) if (known.text === text) return known.made;
    const made = make(text);
    keep(text, made);
    return made;
  };
  return { of, keep };
}
