import type { GuestCondition } from '../compliance/judge-guest.ts';
import { disksOf, emulatedDisks } from '../domain/disk.ts';
import type { EmulatedBus } from '../domain/emulated-bus.ts';
import { findSourceDrift, type SourceDrift } from '../domain/live-source.ts';
import type { ChangeRecord } from '../store/record.ts';
import { describeDisks } from './assess.ts';
import type { GuestFacts, StoredFacts } from './guest-facts.ts';
import { standingConversion } from './past-conversions.ts';

export interface ConditionFacts {
  readonly known: StoredFacts;
  /** Undefined where it could not be read. */
  readonly instance: Pick<GuestFacts, 'live' | 'saved'> | undefined;
  readonly records: readonly ChangeRecord[];
}

/** What the rules look at, of what libvirt and the records tell of a guest. Pure. */
export function describeCondition(
  { known, instance, records }: ConditionFacts,
  buses: ReadonlySet<EmulatedBus>,
): GuestCondition {
  const facts: GuestFacts = { ...known, live: undefined, saved: undefined, ...instance };
  const disks = describeDisks(facts, buses);
  const since = pendingSince(
    records,
    disks.flatMap(({ kind, target }) => (kind === 'pending' ? [target] : [])),
  );
  return {
    disks,
    instance: instance === undefined ? 'unreadable' : describeInstance(facts, buses),
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
