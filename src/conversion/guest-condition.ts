import type { GuestCondition } from '../compliance/judge-guest.ts';
import { disksOf, emulatedDisks } from '../domain/disk.ts';
import type { EmulatedBus } from '../domain/emulated-bus.ts';
import { findSourceDrift, type SourceDrift } from '../domain/live-source.ts';
import type { ChangeRecord } from '../store/record.ts';
import type { GuestFacts } from './guest-facts.ts';
import { standingConversion } from './past-conversions.ts';
import type { DiskStatus } from './result.ts';

export interface ConditionFacts {
  readonly facts: GuestFacts;
  /** Whether its running or saved instance could be read, where there is one. */
  readonly isInstanceKnown: boolean;
  readonly records: readonly ChangeRecord[];
}

/**
 * What the rules look at, of what libvirt and the records tell of a guest. Pure.
 * @param disks its disks as they stand.
 */
export function describeCondition(
  { facts, isInstanceKnown, records }: ConditionFacts,
  disks: readonly DiskStatus[],
  buses: ReadonlySet<EmulatedBus>,
): GuestCondition {
  const since = pendingSince(
    records,
    disks.flatMap(({ kind, target }) => (kind === 'pending' ? [target] : [])),
  );
  return {
    disks,
    instance: isInstanceKnown ? describeInstance(facts, buses) : 'unreadable',
    ...(since === undefined ? {} : { pendingSince: since }),
  };
}

function describeInstance(facts: GuestFacts, buses: ReadonlySet<EmulatedBus>): GuestCondition['instance'] {
  const { live, saved } = facts;
  const text = live ?? saved;
  if (text === undefined) return 'none';
  return {
    kind: live === undefined ? 'saved' : 'running',
    emulated: emulatedDisks(disksOf(text), buses),
    drift: instanceDrift(facts),
  };
}

/** The disks whose running or saved instance uses another image than the definition names. */
export function instanceDrift({ definition, live, saved }: GuestFacts): SourceDrift[] {
  const text = live ?? saved;
  return text === undefined ? [] : findSourceDrift(definition, text);
}

/**
 * Since when disks wait for a restart: when the conversion that moved them was done. Undefined where virtioize did not do
 * it, or has restarted the guest since.
 */
function pendingSince(records: readonly ChangeRecord[], targets: readonly string[]): string | undefined {
  const conversion = standingConversion(records);
  if (conversion === undefined || !conversion.active || conversion.restart !== undefined) return undefined;
  return conversion.changes.some(({ to }) => targets.includes(to.target)) ? conversion.finishedAt : undefined;
}
