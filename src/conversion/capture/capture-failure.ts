import { join } from 'node:path';
import { isVirtioizeError } from '../../error.ts';
import { makeFolderDurably } from '../../store/durable-file.ts';
import { dumpLiveDefinition } from '../../virsh/definitions.ts';
import type { ChangeInHand } from '../change-in-hand.ts';
import type { Capture } from '../result.ts';
import type { ChangeContext } from '../run-context.ts';
import { captureConsole, captureScreen } from './capture.ts';

/**
 * Keep the screen and the console of a guest that did not come up, beside the record. What can't be had is left out.
 * @param folder below the record's, for what is not to take the place of an earlier capture.
 */
export async function captureFailure(
  { session, uri }: ChangeContext,
  { record, files }: ChangeInHand,
  folder = '',
): Promise<Capture> {
  const live = await dumpLiveDefinition(session, record.guest).catch((error: unknown) => {
    if (!isVirtioizeError(error)) throw error;
    return undefined;
  });
  if (live === undefined) return {};
  const place = join(files.folder, folder);
  if (!(await isMade(place))) return {};
  const screenshot = await captureScreen(session, record.guest, place);
  const console = await captureConsole(live, { uri, folder: place });
  return { ...(screenshot === undefined ? {} : { screenshot }), ...(console === undefined ? {} : { console }) };
}

async function isMade(folder: string): Promise<boolean> {
  try {
    await makeFolderDurably(folder);
    return true;
  } catch (error) {
    if (!isVirtioizeError(error, 'state-unwritable')) throw error;
    return false;
  }
}
