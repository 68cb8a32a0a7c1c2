import picomatch from 'picomatch';
import type { GuestId } from '../virsh/guests.ts';

/** Whether a text is a name, a UUID or a glob whose brackets are in order. */
export function isGuestPattern(pattern: string): boolean {
  try {
    picomatch(pattern, { strictBrackets: true });
    return true;
  } catch {
    return false;
  }
}

/** Given a glob, whether a name matches it. */
export function matchName(glob: string): (name: string) => boolean {
  return picomatch(glob, { dot: true, nonegate: true, bash: true });
}

/**
 * Given names, UUIDs or globs, whether a guest is one of those they mean. Unlike in a selection, a pattern that means none
 * is no error: guests come and go.
 */
export function guestMatcher(patterns: readonly string[]): (guest: GuestId) => boolean {
  const globs = patterns.map(matchName);
  const words = new Set(patterns);
  const uuids = new Set(patterns.map((pattern) => pattern.toLowerCase()));
  return ({ name, uuid }) => words.has(name) || uuids.has(uuid) || globs.some((matches) => matches(name));
}
