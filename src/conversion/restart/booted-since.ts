import type { Warning } from '../../domain/finding.ts';
import { readBootId } from '../../store/boot-id.ts';
import type { RestartRecord } from '../../store/record.ts';
import { isGuestOff } from '../../virsh/power.ts';
import { type ChangeEnd, type ChangeInHand, closeAnyway } from '../change-in-hand.ts';
import type { ChangeContext } from '../run-context.ts';
import { bringOldBack } from './take-back.ts';

/** A host whose boot can't be told (another machine's) counts as booted since. */
export async function isSameBoot({ bootId }: RestartRecord): Promise<boolean> {
  return bootId !== undefined && bootId === (await readBootId());
}

export const BOOTED_SINCE = 'the host was booted since, or is another machine, and the guest may run elsewhere';

/** After a boot of the host its guests may run elsewhere by now: the definition is settled, and no guest is started. */
export async function leaveAsFound(
  context: ChangeContext,
  change: ChangeInHand,
  found: 'done' | 'undone',
): Promise<ChangeEnd> {
  const { session } = context;
  const { guest, id } = change.record;
  const active = !(await isGuestOff(session, guest));
  const isTakenBack = change.steps.has('undo') && !(found === 'done' && active);
  const lost = isTakenBack && !active ? await bringOldBack(context, change) : [];
  const side = isTakenBack ? 'rolled-back' : found;
  const isLeft = change.steps.has('undo') && side === 'done';
  await closeAnyway(context, change, side);
  return {
    id,
    side,
    ...(side === 'done' ? { restart: active ? 'unverified' : 'not-needed' } : {}),
    warnings: [...lost, ...(active ? [] : [notStarted(guest.name, BOOTED_SINCE)]), ...(isLeft ? [leftInUndo()] : [])],
  };
}

function leftInUndo(): Warning {
  return {
    code: 'unverified',
    message:
      'It had not come up with its new disks before the host was booted, and runs with them now: look at it (virtioize rollback undoes the conversion).',
  };
}

export function notStarted(name: string, why: string): Warning {
  return {
    code: 'not-started',
    message: `The guest ran when its change began and is off now. It was not started: ${why}. If it is to run here: virsh start ${name}.`,
  };
}
