import { findUnfinished, readJournal, type UnfinishedChange } from '../store/journal.ts';
import { isLockHeld } from '../store/lock.ts';
import type { HostPlaces } from '../store/state-dir.ts';

/** The changes that earlier runs left unfinished, oldest first. */
export async function readUnfinished(places: HostPlaces): Promise<UnfinishedChange[]> {
  return findUnfinished(await readJournal(places.journal));
}

/** The changes that an interrupted run left unfinished; none while a run that may be at them still holds the lock. */
export async function findInterrupted(places: HostPlaces): Promise<UnfinishedChange[]> {
  const unfinished = await readUnfinished(places);
  return unfinished.length > 0 && (await isLockHeld(places.lock)) ? [] : unfinished;
}
