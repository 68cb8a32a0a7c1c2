import { selectGuests } from '../policy/select-guests.ts';
import { type GuestId, listGuests } from '../virsh/guests.ts';
import type { Session } from '../virsh/session.ts';

export interface SelectionOptions {
  readonly guests: readonly string[];
  readonly all: boolean;
  readonly exclude: readonly string[];
  readonly state: 'running' | 'shutoff' | undefined;
}

/**
 * The guests that a selection means, of those in one state where it names one.
 * @throws VirtioizeError `usage`, `no-such-guest`
 */
export async function resolveSelection(
  session: Session,
  { guests, all, exclude, state }: SelectionOptions,
): Promise<GuestId[]> {
  const selected = selectGuests(await listGuests(session), { patterns: guests, all, exclude });
  if (state === undefined) return selected;
  const inState = new Set((await listGuests(session, state)).map(({ uuid }) => uuid));
  return selected.filter(({ uuid }) => inState.has(uuid));
}
