import type { PastChange } from '../compliance/trend.ts';
import type { EndedChange } from '../store/journal.ts';

/** The changes that took emulated disks away from guests or brought them back, in the order in which they ended. */
export function pastChanges(ended: readonly EndedChange[]): PastChange[] {
  return ended.flatMap((change) => {
    const effect = effectOf(change);
    const { guest, begunAt, endedAt } = change;
    return effect === undefined ? [] : [{ guest: guest.uuid, begunAt, endedAt, effect }];
  });
}

function effectOf({ action, side, steps }: EndedChange): PastChange['effect'] | undefined {
  if (side === 'undone' || action === 'rename' || action === 'adopt-live-source') return undefined;
  // Without `define` it only restarted a pending guest. Where that did not come up, its old definition came back; a
  // change that was both made and taken back leaves the guest as it was.
  if (!steps.has('define')) return side === 'rolled-back' ? 'put-back' : undefined;
  if (side === 'rolled-back') return undefined;
  if (action === undefined) return 'either';
  return action === 'rollback' ? 'put-back' : 'converted';
}
