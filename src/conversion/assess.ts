import { type Disk, disksOf, emulatedDisks } from '../domain/disk.ts';
import type { EmulatedBus } from '../domain/emulated-bus.ts';
import type { Refusal, Warning } from '../domain/finding.ts';
import { findSourceDrift, type SourceDrift } from '../domain/live-source.ts';
import { type Rewrite, rewriteDefinition } from '../domain/rewrite.ts';
import type { GuestDetails, GuestFacts } from './guest-facts.ts';
import type { DiskStatus } from './result.ts';
import { snapshotRefusals, snapshotWarnings } from './snapshot-findings.ts';
import { stateRefusals } from './state-refusals.ts';

/**
 * Where a guest stands: `compliant` has no emulated disk; `emulated` has one in its persistent definition; `pending`
 * has been converted, but its running or saved instance still uses the old bus.
 */
export type Standing = 'compliant' | 'emulated' | 'pending';

export function assessStanding({ definition, live, saved }: GuestFacts, buses: ReadonlySet<EmulatedBus>): Standing {
  const hasEmulated = (text: string | undefined): boolean =>
    text !== undefined && emulatedDisks(disksOf(text), buses).length > 0;
  if (hasEmulated(definition)) return 'emulated';
  return hasEmulated(live) || hasEmulated(saved) ? 'pending' : 'compliant';
}

/** The hard disks of a guest as they stand, for `status`. */
export function describeDisks({ definition, live, saved }: GuestFacts, buses: ReadonlySet<EmulatedBus>): DiskStatus[] {
  const instance = live ?? saved;
  const running = instance === undefined ? [] : disksOf(instance);
  return disksOf(definition)
    .filter(({ device }) => device === 'disk' || device === 'lun')
    .map((disk) => {
      const { target, bus, source } = disk;
      const other = running.find((one) => one.target === target);
      const status = { target, bus, source, kind: kindOf(disk, other, buses) };
      return other !== undefined && other.bus !== bus ? { ...status, liveBus: other.bus } : status;
    });
}

function kindOf(disk: Disk, live: Disk | undefined, buses: ReadonlySet<EmulatedBus>): DiskStatus['kind'] {
  if (disk.emulated !== undefined && buses.has(disk.emulated)) return 'emulated';
  if (live?.emulated !== undefined && buses.has(live.emulated)) return 'pending';
  return disk.device === 'disk' && (disk.bus === 'virtio' || disk.bus === 'scsi') && disk.emulated === undefined
    ? 'paravirtual'
    : 'other';
}

export interface AssessOptions {
  readonly buses: ReadonlySet<EmulatedBus>;
  /** Rename targets even where the name would be kept. */
  readonly rename: boolean;
  /** Virtio disks that an earlier conversion left on the names they had. */
  readonly keptBefore: ReadonlySet<string>;
  /** The running guest is going to be off while it is converted. */
  readonly restarts: boolean;
  /** The UUID of the machine that virtioize runs on, in case it is a guest itself. */
  readonly ownUuid: string | undefined;
}

/** What is to be done to a guest's definition, and what libvirt and the host say against it. */
export interface Assessment {
  readonly rewrite: Rewrite;
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly Warning[];
}

/** Given what libvirt tells of a guest, the new definition and all host-side refusals at once. Pure. */
export function assessGuest(facts: GuestFacts, details: GuestDetails, options: AssessOptions): Assessment {
  const { buses, keptBefore } = options;
  const hasSnapshots = details.internal.length + details.external.length + details.checkpoints.length > 0;
  const hasInstance = (facts.active && !options.restarts) || facts.managedSave;
  const mayRename = options.rename || (!hasInstance && !hasSnapshots);
  const kept = mayRename ? undefined : rewriteDefinition(facts.definition, { buses, naming: 'keep', keptBefore });
  const collides = kept?.refusals.some(({ code }) => code === 'name-collision') ?? false;
  const snapshotsInTheWay = collides && !hasInstance;
  const naming = mayRename || snapshotsInTheWay ? 'free' : 'keep';
  const rewrite =
    naming === 'keep' && kept !== undefined ? kept : rewriteDefinition(facts.definition, { buses, naming, keptBefore });
  return {
    rewrite,
    refusals: [
      ...instanceRefusals(facts, details, options),
      ...(snapshotsInTheWay ? snapshotRefusals(details) : []),
      ...rewrite.refusals,
    ],
    warnings: [
      ...(snapshotsInTheWay ? [] : snapshotWarnings(details, naming)),
      ...rewrite.warnings,
      ...orderWarnings(facts.definition, rewrite),
    ],
  };
}

/** What the guest as it stands and runs now says against changing it. */
export function instanceRefusals(
  facts: GuestFacts,
  details: Pick<GuestDetails, 'job' | 'blockJobs'>,
  { ownUuid }: Pick<AssessOptions, 'ownUuid'>,
): Refusal[] {
  return [
    ...stateRefusals(facts, details.job),
    ...diskRefusals(facts, details),
    ...(facts.uuid === ownUuid ? [selfRefusal()] : []),
  ];
}

/** What works on the disks of the running instance. */
function diskRefusals(facts: GuestFacts, { blockJobs }: Pick<GuestDetails, 'blockJobs'>): Refusal[] {
  const refusals: Refusal[] = [];
  for (const target of blockJobs) {
    refusals.push({
      code: 'block-job',
      message: `A block job works on '${target}'; when it ends it would write the old disk into the definition.`,
      hint: `Wait for it or end it (virsh blockjob ${facts.name} ${target} --info), then try again.`,
      disk: target,
    });
  }
  const drift = facts.live === undefined ? [] : findSourceDrift(facts.definition, facts.live);
  return [...refusals, ...drift.map(driftRefusal)];
}

/** A disk whose running instance uses another image than the definition names. */
export function driftRefusal({ target, liveSource, persistentSource }: SourceDrift): Refusal {
  return {
    code: 'source-drift',
    message: `'${target}' runs on '${liveSource}', but the definition names '${persistentSource}': after a power-off the guest would come up on that old image.`,
    hint: 'virtioize recover --adopt-live-source writes the live image into the definition; look at both images first.',
    disk: target,
  };
}

function selfRefusal(): Refusal {
  return {
    code: 'self',
    message: 'virtioize runs inside this very guest.',
    hint: 'Run it on the host, or in another guest.',
  };
}

function orderWarnings(definition: string, { changes }: Rewrite): Warning[] {
  const isNew = changes.some(({ from }) => from.bus !== 'virtio');
  const others = disksOf(definition).filter(({ bus, device }) => bus === 'virtio' && device === 'disk');
  if (!isNew || others.length === 0) return [];
  const names = others.map(({ target }) => `'${target}'`).join(', ');
  const message = `The guest has virtio disks already (${names}); inside, /dev/vda and its like may be dealt out anew.`;
  return [{ code: 'device-order', message }];
}
