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

/** Whether one of several names, UUIDs or globs means a guest. */
export function meansGuest(patterns: readonly string[], { name, uuid }: GuestId): boolean {
  return patterns.some((pattern) => pattern === name || pattern.toLowerCase() === uuid || matchName(pattern)(name));
}
