import { closest, distance } from 'fastest-levenshtein';
import picomatch from 'picomatch';
import { VirtioizeError } from '../error.ts';
import type { GuestId } from '../virsh/guests.ts';

export interface Selection {
  /** Names, UUIDs or globs, in the order given. */
  readonly patterns: readonly string[];
  readonly all: boolean;
  /** Globs of names to leave out. */
  readonly exclude: readonly string[];
}

/**
 * The guests that a selection means, each once, in the order of the selection.
 * @throws VirtioizeError `usage` where nothing was selected, `no-such-guest` for a pattern that matches none.
 */
export function selectGuests(guests: readonly GuestId[], { patterns, all, exclude }: Selection): GuestId[] {
  if (patterns.length === 0 && !all) {
    throw new VirtioizeError('usage', 'No guest is named.', {
      hint: "Name guests ('web-*' is a pattern), or select all of them with --all.",
    });
  }
  const selected = all ? [...guests] : patterns.flatMap((pattern) => matchGuests(guests, pattern));
  const isExcluded = exclude.map(matcher);
  return [...new Set(selected)].filter(({ name }) => !isExcluded.some((matches) => matches(name)));
}

/** A guest is meant by its exact name, else by its UUID, else by a glob. */
function matchGuests(guests: readonly GuestId[], pattern: string): GuestId[] {
  const byName = guests.filter(({ name }) => name === pattern);
  if (byName.length > 0) return byName;
  const byUuid = guests.filter(({ uuid }) => uuid === pattern.toLowerCase());
  if (byUuid.length > 0) return byUuid;
  const matches = matcher(pattern);
  const byGlob = guests.filter(({ name }) => matches(name));
  if (byGlob.length > 0) return byGlob;
  throw new VirtioizeError('no-such-guest', `No guest matches '${pattern}'.`, { hint: nearMisses(guests, pattern) });
}

/** Whether a name matches a glob, which may begin with a dot or `!` like any name. */
export function matcher(glob: string): (name: string) => boolean {
  return picomatch(glob, { dot: true, nonegate: true, bash: true });
}

function nearMisses(guests: readonly GuestId[], pattern: string): string {
  if (guests.length === 0) return 'This connection has no guests at all: is --connect right?';
  const names = guests.map(({ name }) => name);
  const near = names.filter((name) => distance(name.toLowerCase(), pattern.toLowerCase()) <= 2).slice(0, 3);
  const shown = near.length > 0 ? near : [closest(pattern, names)];
  return `Did you mean ${shown.map((name) => `'${name}'`).join(' or ')}? 'virtioize status' lists all guests.`;
}
