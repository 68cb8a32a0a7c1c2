import type { GuestId } from '../virsh/guests.ts';
import { matcher } from './select-guests.ts';

/**
 * Whether a guest is one of those that a list of the policy names, by name, UUID or glob. Unlike a selection, a pattern
 * that matches none is no error: guests come and go.
 */
export function nameMatcher(patterns: readonly string[]): (guest: GuestId) => boolean {
  const globs = patterns.map(matcher);
  const words = new Set(patterns);
  const uuids = new Set(patterns.map((pattern) => pattern.toLowerCase()));
  return ({ name, uuid }) => words.has(name) || uuids.has(uuid) || globs.some((matches) => matches(name));
}
