import { readBootId } from '../../store/boot-id.ts';
import type { RestartRecord } from '../../store/record.ts';
import { isLocal } from '../../virsh/connection-uri.ts';
import { dumpLiveDefinition } from '../../virsh/definitions.ts';
import type { GuestId } from '../../virsh/guests.ts';
import type { ChangeContext } from '../run-context.ts';
import { readInstance } from './instance.ts';
import { noteBoot } from './note-boot.ts';
import type { RestartPlan } from './plan-restart.ts';

/** Write down, right before a guest is restarted, how that goes and what it is to be compared with afterwards. */
export async function prepareRestart(
  { session, uri }: ChangeContext,
  guest: GuestId,
  { options, startUp, moves }: RestartPlan,
): Promise<RestartRecord> {
  const live = await dumpLiveDefinition(session, guest);
  const bootId = isLocal(uri) ? await readBootId() : undefined;
  return {
    ...options,
    ...(bootId === undefined ? {} : { bootId }),
    instance: readInstance(live),
    ...(await noteBoot(session, { guest, live, moves, startUp })),
  };
}
