import { isVirtioizeError, VirtioizeError } from '../../error.ts';
import type { GuestId } from '../../virsh/guests.ts';
import { outlast } from '../../virsh/outlast.ts';
import { powerOffGuest } from '../../virsh/power.ts';
import type { Session } from '../../virsh/session.ts';

/**
 * End a clone, unless it has ended.
 * @throws VirtioizeError `left-behind`
 */
export async function endClone(session: Session, clone: GuestId): Promise<void> {
  try {
    await outlast(session, () => powerOffGuest(session, clone));
  } catch (error) {
    if (isVirtioizeError(error, 'no-such-guest')) return;
    if (isVirtioizeError(error, 'command-failed')) throw notEnded(clone, error);
    throw error;
  }
}

function notEnded({ name }: GuestId, cause: VirtioizeError): VirtioizeError {
  return new VirtioizeError('left-behind', `The clone '${name}' could not be ended: ${cause.message}`, {
    hint: 'Its guest can not be started as long as it runs. virtioize recover tries again.',
    cause,
  });
}
