import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { isVirtioizeError, VirtioizeError } from '../../error.ts';
import { announce, type UnfinishedChange } from '../../store/journal.ts';
import { type RehearsalRecord, removeTemporary } from '../../store/temporary.ts';
import { logFile } from '../../virsh/connection-uri.ts';
import type { GuestId } from '../../virsh/guests.ts';
import { isGuestOff } from '../../virsh/power.ts';
import type { Session } from '../../virsh/session.ts';
import type { ChangeContext } from '../run-context.ts';
import { endClone } from './end-clone.ts';
import { restoreOwners } from './image-owners.ts';

/**
 * Take a rehearsal away: end the clone, give the images back to whom they belonged, remove its folder. Doing it twice, or
 * being killed in it, does no harm.
 * @throws VirtioizeError where one of these fails; the next changing run tries again.
 */
export async function takeDownRehearsal(
  { session, places }: ChangeContext,
  { id, guest }: Pick<UnfinishedChange, 'id' | 'guest'>,
  { clone, scratch, images }: RehearsalRecord,
): Promise<void> {
  await endClone(session, clone);
  // the record is ours, and yet: nothing but such a folder is ever removed
  if (basename(scratch).startsWith('virtioize-rehearsal-')) await rm(scratch, { recursive: true, force: true });
  const log = logFile(session.uri, clone.name);
  if (log !== undefined) await rm(log, { force: true }).catch(() => {}); // another user's libvirt keeps it
  if (await isStillOff(session, guest)) {
    const problems = await restoreOwners(images);
    if (problems.length > 0) throw notRestored(problems);
  }
  await removeTemporary(places.temporary, id);
  await announce(places.journal, { change: id, guest, step: 'end' });
}

/** A guest that somebody has started since uses its images as they are; one that is gone has none to be put back for it. */
async function isStillOff(session: Session, guest: GuestId): Promise<boolean> {
  try {
    return await isGuestOff(session, guest);
  } catch (error) {
    if (isVirtioizeError(error, 'no-such-guest')) return true;
    throw error;
  }
}

function notRestored(problems: readonly string[]): VirtioizeError {
  return new VirtioizeError('left-behind', `Could not put owner, mode and label back: ${problems.join(', ')}.`, {
    hint: 'See to it, then run virtioize recover.',
  });
}
