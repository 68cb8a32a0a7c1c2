import { isVirtioizeError } from '../error.ts';
import { storeEvidence } from '../store/evidence.ts';
import type { GuestResult } from './result.ts';
import type { HostContext } from './run-context.ts';

/** Keep what was found out about a guest, for `status` to show. Whoever may not write the state directory does without. */
export async function keepEvidence(
  { places }: Pick<HostContext, 'places'>,
  { uuid, evidence }: Pick<GuestResult, 'uuid' | 'evidence'>,
): Promise<void> {
  if (evidence.length === 0) return;
  try {
    await storeEvidence(places.evidence, uuid, evidence);
  } catch (error) {
    if (!isVirtioizeError(error, 'state-unwritable')) throw error;
  }
}
