import { isVirtioizeError } from '../error.ts';
import { announce, type UnfinishedChange } from '../store/journal.ts';
import { readTemporary, removeTemporary } from '../store/temporary.ts';
import { describeError } from './attempt-guest.ts';
import { takeProbeAway } from './prime/unplug.ts';
import { takeDownRehearsal } from './rehearsal/take-down.ts';
import { emptyResult, type GuestResult } from './result.ts';
import type { ChangeContext } from './run-context.ts';

/** It had its time when it was asked first. */
const UNPLUG_TIMEOUT_MS = 10_000;

/** Whether what an interrupted run left is no change of a guest, but something that is to go again. */
export function isTemporary({ steps }: Pick<UnfinishedChange, 'steps'>): boolean {
  return steps.has('rehearse') || steps.has('probe');
}

/**
 * Take away what an interrupted run has put on the host. What can't be taken away is left for a person.
 * @throws VirtioizeError `state-unwritable`
 */
export async function takeTemporaryAway(context: ChangeContext, change: UnfinishedChange): Promise<GuestResult> {
  const { places, report } = context;
  const { id, guest } = change;
  report({ guest: guest.name, step: 'recover' });
  try {
    const left = await readTemporary(places.temporary, id);
    if (left === undefined) {
      await removeTemporary(places.temporary, id);
      await announce(places.journal, { change: id, guest, step: 'end' });
    }
    if (left?.kind === 'rehearsal') await takeDownRehearsal(context, change, left);
    if (left?.kind === 'probe') await takeProbeAway(context, change, { probe: left, timeoutMs: UNPLUG_TIMEOUT_MS });
    const message = change.steps.has('probe')
      ? 'The disk that an interrupted run had plugged in was unplugged and removed.'
      : 'An interrupted rehearsal of it was taken away: its clone, and the overlays that it wrote to.';
    return { ...emptyResult(guest), outcome: 'skipped', error: { code: 'interrupted', message } };
  } catch (error) {
    if (!isVirtioizeError(error) || error.code === 'state-unwritable') throw error;
    return { ...emptyResult(guest), outcome: 'needs-attention', error: describeError(error) };
  }
}
