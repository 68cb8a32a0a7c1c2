import type { BlockCounters } from '../../virsh/block-counters.ts';
import type { GuestView } from '../../virsh/guest-view.ts';
import { type AgentExpectation, type DiskPlace, missingFromView } from './agent-expectation.ts';

/** What a guest is expected to do once it has come up, as it was seen to do before. */
export interface BootExpectation {
  /** The disks in question, where they now are. */
  readonly disks: readonly ExpectedDisk[];
  /** What the agent told; undefined where none answered. */
  readonly agent: AgentExpectation | undefined;
}

interface ExpectedDisk extends DiskPlace {
  /** The system wrote to it before. */
  readonly written: boolean;
  /** Its cache is written through, so that the system is not told to flush it. */
  readonly writesThrough: boolean;
}

/** That a disk is read says nothing: firmware reads, too. */
export type WriteCounters = Pick<BlockCounters, 'writes' | 'flushes'>;

/** One look at a guest that has been started. */
export interface BootLook {
  /** ms since the epoch. */
  readonly at: number;
  readonly resets: number;
  readonly blocks: ReadonlyMap<string, WriteCounters>;
  /** Undefined where its agent does not answer, or was not asked. */
  readonly view: GuestView | undefined;
}

/** Tells, look after look, whether a guest has come up. */
export interface BootSignal {
  /** @returns what is still missing, for people; empty once the guest has come up. */
  readonly observe: (look: BootLook) => readonly string[];
  /** Whether its system has written to one of the disks, so that its power must not be taken away. */
  readonly hasWritten: (look: BootLook) => boolean;
}

const GROWTH_MS = 30_000;

/** UEFI flushes what a boot loader writes: such a burst may be seen half way, and is over within this. */
const BURST_MS = 10_000;

/** GRUB keeps its environment block (`save_env`, a few writes and never a flush) before any system runs. */
export const BOOT_LOADER_WRITES = 16;

/** Pure but for what it remembers of earlier looks. */
export function createBootSignal({ disks, agent }: BootExpectation): BootSignal {
  const countersOf = ({ blocks }: Pick<BootLook, 'blocks'>, target: string): WriteCounters =>
    blocks.get(target) ?? { writes: 0, flushes: 0 };
  const totalWrites = (look: BootLook): number =>
    disks.reduce((total, { target }) => total + countersOf(look, target).writes, 0);

  /** Since when all disks are in use. */
  let inUse: { readonly at: number } | undefined;
  let sinceReset: Pick<BootLook, 'resets' | 'blocks'> = { resets: 0, blocks: new Map() };
  let lastWrite = { at: Number.NEGATIVE_INFINITY, writes: 0 };

  let isFlushed = false;

  const remember = (look: BootLook): void => {
    if (look.resets !== sinceReset.resets) {
      sinceReset = look;
      inUse = undefined;
    }
    const writes = totalWrites(look);
    if (writes > lastWrite.writes) lastWrite = { at: look.at, writes };
  };
  const isInUse = (look: BootLook, { target, writesThrough }: ExpectedDisk): boolean => {
    const [now, then] = [countersOf(look, target), countersOf(sinceReset, target)];
    return now.writes > then.writes && (writesThrough || now.flushes > then.flushes);
  };
  const missingWrites = (look: BootLook): string[] => {
    const expected = disks.filter(({ written }) => written);
    const idle = expected.filter((disk) => !isInUse(look, disk));
    const anyInUse = disks.some((disk) => isInUse(look, disk));
    if (idle.length > 0 || !anyInUse) {
      inUse = undefined;
      return [`its system has not written to ${listTargets(idle.length > 0 ? idle : disks)}`];
    }
    inUse ??= { at: look.at };
    const isNoBurst = lastWrite.at - inUse.at >= BURST_MS;
    const goesOn = look.at - inUse.at >= GROWTH_MS && isNoBurst;
    return goesOn ? [] : [`it writes, but was not seen to go on for ${GROWTH_MS / 1000} s`];
  };
  return {
    observe(look) {
      remember(look);
      return agent === undefined ? missingWrites(look) : missingFromView(agent, disks, look.view);
    },
    hasWritten(look) {
      remember(look);
      // Where a counter can't be read, nobody can say that the guest does not write.
      const isUnknown = disks.some(({ target }) => !look.blocks.has(target));
      // Of any disk: its power is taken away from all.
      isFlushed ||= [...look.blocks.values()].some(({ flushes }) => flushes > 0);
      const isRecent = look.at - lastWrite.at < GROWTH_MS;
      return isUnknown || isFlushed || totalWrites(look) > BOOT_LOADER_WRITES || isRecent;
    },
  };
}

function listTargets(disks: readonly ExpectedDisk[]): string {
  return disks.map(({ target }) => `'${target}'`).join(', ');
}
