import type { Retention } from '../../policy/policy.ts';
import { changeFiles } from '../../store/change-files.ts';
import { findUnfinished, findWanted, readJournal } from '../../store/journal.ts';
import { listRecordedGuests, readGuestRecords, removeChange, sweepRemoved } from '../../store/past-records.ts';
import type { ChangeContext } from '../run-context.ts';
import { settleAll } from '../settle-all.ts';
import { choosePrunable } from './choose-prunable.ts';

/** It is all reading of small files. */
const JOBS = 4;

/**
 * Remove the backups that nobody needs any more and that are older than is to be kept, of all guests of the host, those
 * that are gone by now included. A guest whose records can't be read keeps all of them.
 * @returns how many were removed.
 * @throws VirtioizeError the first that stood in the way, once all guests were seen to.
 */
export async function pruneBackups(
  { places, interrupted }: Pick<ChangeContext, 'places' | 'interrupted'>,
  retention: Retention,
): Promise<number> {
  const journal = await readJournal(places.journal);
  const open = new Set([
    ...findUnfinished(journal).map(({ id }) => id),
    ...findWanted(journal).map(({ change }) => change),
  ]);
  const removed = await settleAll(await listRecordedGuests(places.backups), JOBS, async (guest) => {
    if (interrupted.aborted) return 0;
    await sweepRemoved(places.backups, guest);
    const records = await readGuestRecords(places.backups, guest);
    const prunable = choosePrunable({ records, open, retention, now: Date.now() });
    for (const { id } of prunable) await removeChange(changeFiles(places.backups, guest, id));
    return prunable.length;
  });
  return removed.reduce((sum, one) => sum + one, 0);
}
