import { isVirtioizeError, VirtioizeError } from '../../error.ts';
import { changeFiles, readRecord } from '../../store/change-files.ts';
import {
  announce,
  findWanted,
  readJournal,
  type Step,
  type UnfinishedChange,
  type Wanted,
} from '../../store/journal.ts';
import { dumpLiveDefinition } from '../../virsh/definitions.ts';
import { isActive } from '../../virsh/guests.ts';
import { outlast } from '../../virsh/outlast.ts';
import { readPowerState } from '../../virsh/power.ts';
import { describeError } from '../attempt-guest.ts';
import { recoveredResult } from '../recovered-result.ts';
import { emptyResult, type GuestResult } from '../result.ts';
import type { ChangeContext } from '../run-context.ts';
import { settleOrLeave } from '../settle-change.ts';
import { BOOTED_SINCE, isSameBoot, notStarted } from './booted-since.ts';
import { readInstance } from './instance.ts';

/** Start the guests again that were asked to go off, did not in time, and have done so after all. */
export async function startWanted(context: ChangeContext): Promise<GuestResult[]> {
  const results: GuestResult[] = [];
  for (const wanted of findWanted(await readJournal(context.places.journal))) {
    const result = await startIfOff(context, wanted);
    if (result !== undefined) results.push(result);
  }
  return results;
}

async function startIfOff(context: ChangeContext, { change: id, guest, at: since }: Wanted) {
  const fate = await outlast(context.session, () => wantedFate(context, { id, guest })).catch(noFate);
  if (fate === 'still running') return undefined;
  if (typeof fate !== 'string') return { ...emptyResult(guest), outcome: 'needs-attention' as const, error: fate };
  if (fate === 'went off') {
    const steps = new Set<Step>(['begin', 'back-up', 'shut-down']);
    const settled = await settleOrLeave(context, { id, guest, steps, cause: wentOffLate(since) });
    return recoveredResult({ guest, since }, settled);
  }
  await announce(context.places.journal, { change: id, guest, step: 'end', side: 'undone' });
  if (fate === 'over') return undefined;
  const error = describeError(wentOffLate(since, 'it went off after all'));
  return {
    ...emptyResult(guest),
    outcome: 'failed' as const,
    error,
    warnings: [notStarted(guest.name, BOOTED_SINCE)],
  };
}

/** A record that can't be read, say: one guest's trouble stays its own. */
function noFate(error: unknown): NonNullable<GuestResult['error']> {
  if (!isVirtioizeError(error)) throw error;
  return describeError(error);
}

/** `over`: somebody started it anew, or it is gone, so that nothing is to be expected any more. */
async function wantedFate(
  { session, places }: ChangeContext,
  { id, guest }: Pick<UnfinishedChange, 'id' | 'guest'>,
): Promise<'still running' | 'went off' | 'off since a boot' | 'over'> {
  const record = await readRecord(changeFiles(places.backups, guest.uuid, id));
  if (record?.restart === undefined) return 'over';
  try {
    const { state } = await readPowerState(session, guest);
    const isSame = await isSameBoot(record.restart);
    if (!isActive(state)) return isSame ? 'went off' : 'off since a boot';
    const instance = readInstance(await dumpLiveDefinition(session, guest));
    return isSame && instance === record.restart.instance ? 'still running' : 'over';
  } catch (error) {
    if (isVirtioizeError(error, 'no-such-guest')) return 'over';
    throw error;
  }
}

function wentOffLate(since: string, what = 'it went off after all, and was started again'): VirtioizeError {
  const message = `It was asked to go off, and at ${since} had not done so in time; ${what}.`;
  return new VirtioizeError('shutdown-ignored', message, { hint: 'Try again with a longer --shutdown-timeout.' });
}
