import type { RestartRecord } from '../../store/record.ts';
import { answersPing } from '../../virsh/guest-view.ts';
import type { GuestId } from '../../virsh/guests.ts';
import { outlast } from '../../virsh/outlast.ts';
import { powerOffGuest, readPowerState, requestShutdown } from '../../virsh/power.ts';
import { type ChangeInHand, takeStep } from '../change-in-hand.ts';
import type { ChangeContext } from '../run-context.ts';
import { createDeadline, type Deadline } from './deadline.ts';

/** A request may come to nothing: a screen that is asleep takes the first press of the button for its own. */
const REPEAT_MS = 30_000;
const LOOK_AGAIN_MS = 5_000;

/**
 * Have a running guest shut itself down: by its agent, where one answers, then by its power button; with `force`, take
 * its power away once it had its time.
 * @returns `ignored` where it still runs.
 */
export async function shutDown(
  context: ChangeContext,
  change: ChangeInHand,
  { mode, shutdownTimeoutMs }: RestartRecord,
): Promise<'off' | 'ignored'> {
  const { guest } = change.record;
  const deadline = createDeadline(shutdownTimeoutMs, context.interrupted);
  if (await waitUntilOff(context, guest, deadline, createRequests(context, guest))) return 'off';
  if (mode !== 'force' || context.interrupted.aborted) return 'ignored';
  await takeStep(context, change, 'power-off');
  await outlast(context.session, () => powerOffGuest(context.session, guest));
  return 'off';
}

/**
 * Wait until a guest is off.
 * @param remind called at each look while it is not.
 */
export async function waitUntilOff(
  { session, events }: ChangeContext,
  guest: GuestId,
  deadline: Deadline,
  remind: () => Promise<void> = async () => {},
): Promise<boolean> {
  for (;;) {
    const { state } = await outlast(session, () => readPowerState(session, guest));
    if (state === 'shut off') return true;
    if (deadline.hasPassed()) return false;
    await remind();
    await events.next(Math.min(LOOK_AGAIN_MS, deadline.leftMs()));
  }
}

/** Asks the guest to go off at the first call, and again from time to time: the agent once, then its power button. */
function createRequests({ session }: ChangeContext, guest: GuestId): () => Promise<void> {
  let next = 0;
  let mode: 'agent' | 'acpi' = 'agent';
  return async () => {
    if (Date.now() < next) return;
    const byAgent = mode === 'agent' && (await answersPing(session, guest));
    mode = 'acpi';
    const isTaken =
      (byAgent && (await requestShutdown(session, guest, 'agent'))) || (await requestShutdown(session, guest, 'acpi'));
    next = Date.now() + (isTaken ? REPEAT_MS : LOOK_AGAIN_MS);
  };
}
