import { disksOf } from '../../domain/disk.ts';
import { type ErrorCode, isVirtioizeError } from '../../error.ts';
import type { RestartRecord } from '../../store/record.ts';
import { dumpLiveDefinition } from '../../virsh/definitions.ts';
import { isActive } from '../../virsh/guests.ts';
import { outlast } from '../../virsh/outlast.ts';
import { readPowerState, resumeGuest, startGuest } from '../../virsh/power.ts';
import { type ChangeInHand, takeStepAnyway } from '../change-in-hand.ts';
import type { ChangeContext } from '../run-context.ts';
import { createBootSignal } from './boot-signal.ts';
import { expectBoot } from './note-boot.ts';
import { type BootVerdict, watchBoot } from './watch-boot.ts';

/** How bringing a guest up went; `elsewhere`: somebody else had started it before, with other disks than it is to have. */
export type BringUpVerdict = BootVerdict | { readonly kind: 'elsewhere' };

/**
 * Start a guest with the definition that it has, unless it runs, and wait until it has come up.
 * @param side which of its disks' names it is to come up with.
 */
export async function bringUp(
  context: ChangeContext,
  change: ChangeInHand,
  restart: RestartRecord,
  side: 'before' | 'after',
): Promise<BringUpVerdict> {
  const { session } = context;
  const { guest } = change.record;
  const expectation = expectBoot(restart, side);
  const { state, reason } = await outlast(session, () => readPowerState(session, guest));
  if (!isActive(state)) {
    await takeStepAnyway(context, change, 'start');
    try {
      await outlast(session, () => startGuest(session, guest));
    } catch (error) {
      if (!isVirtioizeError(error) || NOT_OF_THE_GUEST.has(error.code)) throw error;
      return { kind: 'down', missing: [error.message.replace(/\.$/, '')], signal: createBootSignal(expectation) };
    }
  } else {
    if (!(await runsOn(context, change, restart, side))) return { kind: 'elsewhere' };
    // Paused by a run that looked whether it writes, and was interrupted then.
    const isLeftPaused = state === 'paused' && reason === 'user' && change.steps.has('undo');
    if (isLeftPaused) await outlast(session, () => resumeGuest(session, guest));
  }
  await takeStepAnyway(context, change, 'watch');
  return watchBoot(context, { guest, expectation, timeoutMs: restart.bootTimeoutMs, waitTcp: restart.waitTcp });
}

/** Anything else that `start` reports (no permission on an image, say) is a reason of this guest's not to start. */
const NOT_OF_THE_GUEST: ReadonlySet<ErrorCode> = new Set(['connection-lost', 'command-timeout', 'no-such-guest']);

/** Whether the running instance has its disks as they are on one side of the change. */
export async function runsOn(
  { session }: ChangeContext,
  { record }: ChangeInHand,
  { disks }: RestartRecord,
  side: 'before' | 'after',
): Promise<boolean> {
  const live = disksOf(await outlast(session, () => dumpLiveDefinition(session, record.guest)));
  return disks.every((moved) =>
    live.some(({ target, bus }) => target === moved[side].target && bus === moved[side].bus),
  );
}
