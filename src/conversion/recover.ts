import { readUnfinished } from './find-interrupted.ts';
import { recoveredResult } from './recovered-result.ts';
import { startWanted } from './restart/start-wanted.ts';
import type { GuestResult } from './result.ts';
import type { ChangeContext } from './run-context.ts';
import { settleAll } from './settle-all.ts';
import { settleOrLeave } from './settle-change.ts';
import { isTemporary, takeTemporaryAway } from './take-temporary-away.ts';

/** Most of it is waiting. */
const JOBS = 8;

/**
 * Bring to an end whatever earlier runs left unfinished; every changing run does this first. Running it again is
 * harmless. Guests are waited for side by side: one that is off must not wait for another's shutdown.
 * @returns a result for each guest that was touched or still needs a person.
 * @throws VirtioizeError `state-unwritable`, once all guests were seen to.
 */
export async function recoverAll(context: ChangeContext): Promise<GuestResult[]> {
  const unfinished = await readUnfinished(context.places);
  // A guest can't be started as long as its clone runs, nor while its images are being given back.
  const taken = await settleAll(unfinished.filter(isTemporary), JOBS, (change) => takeTemporaryAway(context, change));
  const settled = await settleAll(
    unfinished.filter((change) => !isTemporary(change)),
    JOBS,
    async (change) => recoveredResult(change, await settleOrLeave(context, change)),
  );
  return [...taken, ...settled, ...(await startWanted(context))];
}
