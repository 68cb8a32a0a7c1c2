import { readAddresses } from '../../virsh/addresses.ts';
import { type BlockCounters, readBlockCounters } from '../../virsh/block-counters.ts';
import { dumpLiveDefinition } from '../../virsh/definitions.ts';
import { readGuestView } from '../../virsh/guest-view.ts';
import type { GuestId } from '../../virsh/guests.ts';
import { outlast } from '../../virsh/outlast.ts';
import { readPowerState } from '../../virsh/power.ts';
import type { ChangeContext } from '../run-context.ts';
import { answersTcp } from './answers-tcp.ts';
import { type BootExpectation, type BootLook, type BootSignal, createBootSignal } from './boot-signal.ts';
import { createDeadline } from './deadline.ts';

/** How a boot went. */
export type BootVerdict =
  | { readonly kind: 'up' }
  /** It writes to its disks, but what is missing did not come in time: it is left alone. */
  | { readonly kind: 'writing'; readonly missing: readonly string[] }
  | { readonly kind: 'down'; readonly missing: readonly string[]; readonly signal: BootSignal };

export interface BootWatch {
  readonly guest: GuestId;
  readonly expectation: BootExpectation;
  readonly timeoutMs: number;
  readonly waitTcp: number | undefined;
}

const LOOK_AGAIN_MS = 1_000;
const TCP_TIMEOUT_MS = 2_000;

/** Watch a guest that was started until it has come up, is off again, or its time is over. */
export async function watchBoot(
  context: ChangeContext,
  { guest, expectation, timeoutMs, waitTcp }: BootWatch,
): Promise<BootVerdict> {
  const { session, events, interrupted } = context;
  const deadline = createDeadline(timeoutMs, interrupted);
  const signal = createBootSignal(expectation);
  const live =
    expectation.agent === undefined ? undefined : await outlast(session, () => dumpLiveDefinition(session, guest));
  for (;;) {
    const { state, reason } = await outlast(session, () => readPowerState(session, guest));
    if (state === 'shut off' || state === 'crashed')
      return { kind: 'down', missing: [`it is ${state} again (${reason})`], signal };
    const look = await outlast(session, () => lookAt(context, guest, live));
    const missing = [...signal.observe(look)];
    if (missing.length === 0 && waitTcp !== undefined && !(await answersAt(context, guest, waitTcp)))
      missing.push(`it does not answer at TCP port ${waitTcp}`);
    if (missing.length === 0) return { kind: 'up' };
    if (deadline.hasPassed())
      return signal.hasWritten(look) ? { kind: 'writing', missing } : { kind: 'down', missing, signal };
    await events.next(Math.min(LOOK_AGAIN_MS, deadline.leftMs()));
  }
}

async function answersAt({ session }: ChangeContext, guest: GuestId, port: number): Promise<boolean> {
  const addresses = await outlast(session, () => readAddresses(session, guest));
  return answersTcp(addresses, port, TCP_TIMEOUT_MS);
}

/** With the reads, too. */
export interface CountedLook extends BootLook {
  readonly blocks: ReadonlyMap<string, BlockCounters>;
}

/**
 * Look once at what a running guest does.
 * @param live the definition of the running instance, where its agent is to be asked.
 */
export async function lookAt({ session, events }: ChangeContext, guest: GuestId, live?: string): Promise<CountedLook> {
  const blocks = await readBlockCounters(session, guest);
  const view = live === undefined ? undefined : await readGuestView(session, guest, live);
  return { at: Date.now(), resets: events.resets(guest), blocks, view };
}
