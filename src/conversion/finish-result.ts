import { type Disk, disksOf } from '../domain/disk.ts';
import type { Refusal } from '../domain/finding.ts';
import { describeError } from './attempt-guest.ts';
import type { ChangeEnd } from './change-in-hand.ts';
import type { DiskResult, GuestResult, Restart } from './result.ts';

/** Whether a definition takes effect only once its running instance has been powered off and started. */
export function restartOf(definition: string, live: string | undefined): Restart {
  if (live === undefined) return 'not-needed';
  const running = disksOf(live);
  const isRunning = ({ target, bus }: Disk): boolean =>
    running.some((disk) => disk.target === target && disk.bus === bus);
  const disks = disksOf(definition).filter(({ device }) => device === 'disk');
  return disks.every(isRunning) ? 'not-needed' : 'pending';
}

/** What the end of a change makes of a guest's result. */
export function finishResult(plan: GuestResult, end: ChangeEnd, restart: Restart): GuestResult {
  const { restart: _planned, ...planned } = plan;
  const disks = (outcome: DiskResult['outcome']): DiskResult[] => planned.disks.map((disk) => ({ ...disk, outcome }));
  const result: GuestResult = {
    ...planned,
    conversionId: end.id,
    warnings: [...planned.warnings, ...(end.warnings ?? [])],
    ...(end.error === undefined ? {} : { error: describeError(end.error) }),
    ...(end.capture === undefined ? {} : { capture: end.capture }),
  };
  switch (end.side) {
    case 'done':
      return {
        ...result,
        outcome: end.isDown === true ? 'needs-attention' : 'converted',
        restart: end.restart ?? restart,
        disks: disks('converted'),
      };
    case 'undone':
      if (end.isRefused === true) return { ...result, outcome: 'refused', disks: disks('unchanged') };
      return { ...result, outcome: end.isDown === true ? 'needs-attention' : 'failed', disks: disks('unchanged') };
    case 'rolled-back':
      return {
        ...result,
        outcome: end.isDown === true ? 'needs-attention' : 'rolled-back',
        disks: disks('rolled-back'),
      };
    case 'changed-meanwhile': {
      const { error: _, ...untouched } = result;
      const refusals = [...planned.refusals, changedRefusal()];
      return { ...untouched, outcome: 'refused', refusals, disks: disks('unchanged') };
    }
    case 'unsettled':
      return { ...result, outcome: 'needs-attention', disks: disks('unchanged') };
  }
}

function changedRefusal(): Refusal {
  return {
    code: 'definition-changed',
    message:
      'Somebody else changed, started or stopped the guest while it was being converted; its definition is as they left it.',
    hint: 'Run virtioize again: it looks at the guest as it is now.',
  };
}
