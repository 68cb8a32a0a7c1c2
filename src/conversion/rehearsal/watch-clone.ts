import { isVirtioizeError } from '../../error.ts';
import { dumpLiveDefinition } from '../../virsh/definitions.ts';
import type { GuestView } from '../../virsh/guest-view.ts';
import type { GuestId } from '../../virsh/guests.ts';
import { outlast } from '../../virsh/outlast.ts';
import { type PowerState, readPowerState } from '../../virsh/power.ts';
import { type DiskPlace, missingFromView } from '../restart/agent-expectation.ts';
import { BOOT_LOADER_WRITES, createBootSignal } from '../restart/boot-signal.ts';
import { type CountedLook, lookAt } from '../restart/watch-boot.ts';
import type { ChangeContext } from '../run-context.ts';

/** How a clone's boot went. `unclear` says nothing of the guest: something else ended it, or it neither came up nor failed. */
export type CloneBoot =
  | { readonly kind: 'up'; readonly signal: string; readonly seconds: number }
  | { readonly kind: 'down'; readonly missing: string; readonly seconds: number }
  | { readonly kind: 'unclear'; readonly why: string };

export interface CloneWatch {
  readonly clone: GuestId;
  /** The disks in question. */
  readonly disks: readonly DiskPlace[];
  readonly timeoutMs: number;
  /** Why it has to end now, apart from what it does itself; undefined while it may go on. */
  readonly stopped: () => Promise<string | undefined>;
}

const LOOK_AGAIN_MS = 1_000;

/** Watch a clone until its system has come up, has ended, or its time is over. */
export async function watchClone(
  context: ChangeContext,
  { clone, disks, timeoutMs, stopped }: CloneWatch,
): Promise<CloneBoot> {
  const { session, events, interrupted } = context;
  const begun = Date.now();
  const secondsSoFar = (): number => Math.round((Date.now() - begun) / 1000);
  const signal = createBootSignal({
    disks: disks.map((place) => ({ ...place, written: false, writesThrough: false })),
    agent: undefined,
  });
  let lastRead = { reads: 0, at: begun };
  const live = await outlast(session, () => dumpLiveDefinition(session, clone));
  for (;;) {
    if (interrupted.aborted) return { kind: 'unclear', why: 'the run was interrupted' };
    const why = await stopped();
    if (why !== undefined) return { kind: 'unclear', why };
    const state = await outlast(session, () => readCloneState(context, clone));
    if (state.state === 'paused') return { kind: 'unclear', why: `libvirt paused it (${state.reason})` };
    if (state.state === 'shut off') return { kind: 'unclear', why: 'it has ended, or somebody has ended it' };
    if (state.state === 'crashed')
      return { kind: 'down', missing: `it crashed (${state.reason})`, seconds: secondsSoFar() };
    const look = await outlast(session, () => lookAt(context, clone, live));
    const seconds = secondsSoFar();
    if (agentSeesDisks(look.view, disks)) return { kind: 'up', signal: 'its agent answered', seconds };
    const missing = signal.observe(look);
    if (missing.length === 0) return { kind: 'up', signal: 'its system wrote to its disks and went on', seconds };
    if (readsOf(look) > lastRead.reads) lastRead = { reads: readsOf(look), at: look.at };
    if (Date.now() - begun >= timeoutMs) return judgeLate(look, { missing, seconds, lastReadAt: lastRead.at });
    await events.next(LOOK_AGAIN_MS);
  }
}

/** A system that does not find its disk has nothing more to read; one that still reads is only slow. */
const IDLE_MS = 30_000;

function readsOf({ blocks }: CountedLook): number {
  return [...blocks.values()].reduce((sum, { reads }) => sum + reads, 0);
}

interface LateBoot {
  readonly missing: readonly string[];
  readonly seconds: number;
  /** When its disks were last seen to be read. */
  readonly lastReadAt: number;
}

/** One whose system works on a disk that is on virtio already may have no use for the others. */
function judgeLate({ blocks, at }: CountedLook, { missing, seconds, lastReadAt }: LateBoot): CloneBoot {
  const words = missing.join('; ');
  const all = [...blocks.values()];
  const written = all.reduce((sum, { writes }) => sum + writes, 0);
  const isInUse = written > BOOT_LOADER_WRITES || all.some(({ flushes }) => flushes > 0);
  if (isInUse || blocks.size === 0) return { kind: 'unclear', why: `it writes to its disks, but ${words}` };
  if (at - lastReadAt < IDLE_MS)
    return {
      kind: 'unclear',
      why: `after ${seconds} s it still read its disks, and may only be slow: a longer --boot-timeout helps`,
    };
  return { kind: 'down', missing: words, seconds };
}

function agentSeesDisks(view: GuestView | undefined, places: readonly DiskPlace[]): boolean {
  if (view === undefined) return false;
  return missingFromView({ disks: places.length, others: {}, mountPoints: [] }, places, view).length === 0;
}

/** A transient guest is gone once it has ended. */
async function readCloneState({ session }: ChangeContext, clone: GuestId): Promise<PowerState> {
  try {
    return await readPowerState(session, clone);
  } catch (error) {
    if (!isVirtioizeError(error, 'no-such-guest')) throw error;
    return { state: 'shut off', reason: 'it ended by itself' };
  }
}
