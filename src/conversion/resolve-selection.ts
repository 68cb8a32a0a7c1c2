import { selectGuests } from '../policy/select-guests.ts';
import { type GuestId, listGuests } from '../virsh/guests.ts';
import type { HostContext } from './run-context.ts';

export interface SelectionOptions {
  readonly guests: readonly string[];
  readonly all: boolean;
  readonly exclude: readonly string[];
  readonly state: 'running' | 'shutoff' | undefined;
}

/**
 * The guests that a selection means, of those in one state where it names one. The survey is told of them.
 * @throws VirtioizeError `usage`, `no-such-guest`
 */
export async function resolveSelection(
  { session, survey }: Pick<HostContext, 'session' | 'survey'>,
  { guests, all, exclude, state }: SelectionOptions,
): Promise<GuestId[]> {
  const listed = listGuests(session);
  survey.lookAhead();
  const named = selectGuests(await listed, { patterns: guests, all, exclude });
  const inState = state === undefined ? undefined : new Set((await listGuests(session, state)).map(({ uuid }) => uuid));
  const selected = named.filter(({ uuid }) => inState?.has(uuid) ?? true);
  survey.expect(selected);
  return selected;
}
