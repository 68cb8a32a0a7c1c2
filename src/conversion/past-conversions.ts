import type { DiskChange } from '../domain/rewrite.ts';
import type { ChangeRecord } from '../store/record.ts';

/**
 * The ids of the changes that were taken back: by a rollback, or with the restart of a pending guest that did not come
 * up.
 */
export function takenBack(records: readonly ChangeRecord[]): Set<string> {
  const takers = records.filter(({ action, state }) => state === (action === 'rollback' ? 'done' : 'rolled-back'));
  return new Set(takers.flatMap(({ undoes }) => undoes ?? []));
}

/** The conversions of a guest that stand: done, and not taken back since. Oldest first. */
function standing(records: readonly ChangeRecord[]): ChangeRecord[] {
  if (records.length === 0) return []; // so it is with most guests
  const undone = takenBack(records);
  // One without changes only restarted what an earlier one had changed.
  return records.filter(
    ({ action, state, changes, id }) =>
      action === 'convert' && state === 'done' && changes.length > 0 && !undone.has(id),
  );
}

/** The last conversion that stands. */
export function standingConversion(records: readonly ChangeRecord[]): ChangeRecord | undefined {
  return standing(records).at(-1);
}

/** Virtio disks that still have the names they had on the old bus. */
export function keptNames(records: readonly ChangeRecord[]): Set<string> {
  const names = new Set<string>();
  for (const { changes } of standing(records)) {
    for (const { from, to } of changes) {
      names.delete(from.target);
      if (from.target === to.target) names.add(to.target);
    }
  }
  return names;
}

/** All names that disks ever got from a conversion: such a virtio disk says nothing of what the guest had before. */
export function givenNames(records: readonly ChangeRecord[]): Set<string> {
  return new Set(records.flatMap(({ changes }) => changes.map(({ to }) => to.target)));
}

/** One conversion as its admin sees it: the one that moved the disks, and the one that gave them their final names. */
export interface ConversionChain {
  /** Oldest first. */
  readonly records: readonly ChangeRecord[];
  /** From where the first began to where the last ended. */
  readonly changes: readonly DiskChange[];
}

/** The last conversion that stands, with all that it continues; undefined where there is none. */
export function lastChain(records: readonly ChangeRecord[]): ConversionChain | undefined {
  const all = standing(records);
  const chain: ChangeRecord[] = [];
  for (let next = all.at(-1); next !== undefined; ) {
    chain.unshift(next);
    const { continues } = next;
    next = all.find(({ id }) => id === continues);
  }
  return chain.length === 0
    ? undefined
    : { records: chain, changes: chain.map(({ changes }): readonly DiskChange[] => changes).reduce(compose) };
}

function compose(first: readonly DiskChange[], second: readonly DiskChange[]): readonly DiskChange[] {
  const moved = first.map((change) => {
    const next = second.find(({ from }) => from.target === change.to.target);
    return next === undefined ? change : { ...change, to: next.to, dropped: [...change.dropped, ...next.dropped] };
  });
  return [...moved, ...second.filter(({ from }) => first.every(({ to }) => to.target !== from.target))];
}

/** The last conversion, where the guest did not come up with it. */
export function failedConversion(records: readonly ChangeRecord[]): ChangeRecord | undefined {
  const last = records.filter(({ action, state }) => action === 'convert' && state !== 'undone').at(-1);
  return last?.state === 'rolled-back' ? last : undefined;
}
