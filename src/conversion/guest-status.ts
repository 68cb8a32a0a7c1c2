import type { EmulatedBus } from '../domain/emulated-bus.ts';
import type { StoredEvidence } from '../store/evidence.ts';
import type { Kept } from '../store/kept.ts';
import type { ChangeRecord } from '../store/record.ts';
import type { GuestId } from '../virsh/guests.ts';
import { type Assessment, assessGuest, assessStanding, describeDisks } from './assess.ts';
import { type GuestDetails, type GuestFacts, readGuestDetails, readGuestFacts } from './guest-facts.ts';
import { keptNames, standingConversion } from './past-conversions.ts';
import { emptyResult, type GuestResult } from './result.ts';
import type { HostContext } from './run-context.ts';

/** What it takes to tell how guests stand. */
export interface ReadingContext extends HostContext {
  readonly kept: Kept;
}

/** How a guest and its disks stand, and what libvirt says against converting it; with the last stored evidence. */
export async function readGuestStatus(
  context: ReadingContext,
  guest: GuestId,
  buses: ReadonlySet<EmulatedBus>,
  self: string | undefined,
): Promise<GuestResult> {
  context.report({ guest: guest.name, step: 'read' });
  return describeStatus(context, await readStatusFacts(context, guest), buses, self);
}

function readStatusFacts(context: ReadingContext, guest: GuestId): Promise<StatusFacts> {
  const { kept } = context;
  const reads = [
    readGuestFacts(context, guest, { secrets: false }),
    kept.records(guest.uuid),
    kept.evidence(guest.uuid),
  ] as const;
  return Promise.all(reads).then(([facts, records, stored]) => ({ facts, records, stored }));
}

/** What was read of a guest to tell how it stands. */
export interface StatusFacts {
  readonly facts: GuestFacts;
  readonly records: readonly ChangeRecord[];
  readonly stored: StoredEvidence | undefined;
}

/** How a guest stands; libvirt is asked further only where there is something to convert. */
export async function describeStatus(
  source: Pick<HostContext, 'session' | 'survey'>,
  read: StatusFacts,
  buses: ReadonlySet<EmulatedBus>,
  self: string | undefined,
): Promise<GuestResult> {
  const standing = assessStanding(read.facts, buses);
  const base = describeRead(read, buses);
  if (standing === 'compliant') return { ...base, outcome: 'compliant' };
  const details = await readGuestDetails(source, read.facts);
  const assessment = assess(read, details, buses, self);
  return { ...base, ...(standing === 'pending' ? describePending(assessment) : describePlan(assessment)) };
}

function assess(
  { facts, records }: StatusFacts,
  details: GuestDetails,
  buses: ReadonlySet<EmulatedBus>,
  ownUuid: string | undefined,
): Assessment {
  const keptBefore = keptNames(records);
  return assessGuest(facts, details, { buses, rename: false, restarts: false, keptBefore, ownUuid });
}

/** What is told of it however it stands. */
function describeRead(
  { facts, records, stored }: StatusFacts,
  buses: ReadonlySet<EmulatedBus>,
): Omit<GuestResult, 'outcome'> {
  const conversion = standingConversion(records);
  return {
    ...emptyResult(facts),
    evidence: stored?.evidence ?? [],
    ...(stored === undefined ? {} : { evidenceAt: stored.at }),
    inventory: describeDisks(facts, buses),
    ...(conversion === undefined ? {} : { conversionId: conversion.id }),
  };
}

function describePending({ refusals }: Assessment) {
  const drift = refusals.filter(({ code }) => code === 'source-drift');
  return { outcome: 'converted', restart: 'pending', refusals: drift } as const;
}

function describePlan({ rewrite, refusals, warnings }: Assessment) {
  const disks = rewrite.changes.map((change) => ({ ...change, outcome: 'planned' as const }));
  const outcome = refusals.length > 0 ? ('refused' as const) : ('planned' as const);
  return { outcome, refusals, warnings, disks };
}
