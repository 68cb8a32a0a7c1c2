import { disksOf } from '../../domain/disk.ts';
import type { DiskChange } from '../../domain/rewrite.ts';
import { attribute, childElement } from '../../domain/xml.ts';
import type { StartUp } from '../../preflight/linux/start-up.ts';
import type { RestartRecord } from '../../store/record.ts';
import { readBlockCounters } from '../../virsh/block-counters.ts';
import { readGuestView } from '../../virsh/guest-view.ts';
import type { GuestId } from '../../virsh/guests.ts';
import type { Session } from '../../virsh/session.ts';
import { noteView } from './agent-expectation.ts';
import type { BootExpectation } from './boot-signal.ts';

export interface BootSubject {
  readonly guest: GuestId;
  /** The definition of the running instance. */
  readonly live: string;
  /** The disks that move: from their names in the running instance to those that they will have. */
  readonly moves: readonly Pick<DiskChange, 'from' | 'to'>[];
  readonly startUp: StartUp;
}

/** Take note, before a running guest is restarted, of what there is to compare with afterwards. */
export async function noteBoot(
  session: Session,
  { guest, live, moves, startUp }: BootSubject,
): Promise<Pick<RestartRecord, 'disks' | 'agent'>> {
  const counters = await readBlockCounters(session, guest);
  const view = await readGuestView(session, guest, live);
  const writesThrough = targetsWrittenThrough(live);
  const liveDisks = disksOf(live);
  const disks = moves.map(({ from, to }) => ({
    before: { target: from.target, bus: liveDisks.find(({ target }) => target === from.target)?.bus ?? from.bus },
    after: { target: to.target, bus: to.bus },
    written: (counters.get(from.target)?.writes ?? 0) > 0,
    writesThrough: writesThrough.has(from.target),
  }));
  const moved = disks.map(({ before }) => before);
  const agent = view === undefined ? undefined : noteView(view, moved, startUp.mountPoints);
  // One that tells nothing of these disks could only be asked whether it answers.
  const tells = agent !== undefined && agent.disks + agent.mountPoints.length > 0;
  return tells ? { disks, agent } : { disks };
}

/** With these cache modes the guest is told that its disk keeps nothing back, so it has no reason to flush. */
function targetsWrittenThrough(definition: string): Set<string> {
  const disks = disksOf(definition).filter(({ element }) => {
    const cache = attribute(childElement(element, 'driver') ?? element, 'cache');
    return cache === 'writethrough' || cache === 'directsync';
  });
  return new Set(disks.map(({ target }) => target));
}

/** What was noted, with the disks where they are on one side of the change. */
export function expectBoot({ disks, agent }: RestartRecord, side: 'before' | 'after'): BootExpectation {
  return {
    disks: disks.map((disk) => ({ ...disk[side], written: disk.written, writesThrough: disk.writesThrough })),
    agent,
  };
}
