import type { EmulatedBus } from '../domain/emulated-bus.ts';
import type { StoredEvidence } from '../store/evidence.ts';
import type { Kept } from '../store/kept.ts';
import type { ChangeRecord } from '../store/record.ts';
import type { GuestId } from '../virsh/guests.ts';
import { assessGuest, assessStanding, describeDisks } from './assess.ts';
import { type GuestFacts, readGuestDetails, readGuestFacts } from './guest-facts.ts';
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
  const { kept, report } = context;
  report({ guest: guest.name, step: 'read' });
  const [facts, records, stored] = await Promise.all([
    readGuestFacts(context, guest, { secrets: false }),
    kept.records(guest.uuid),
    kept.evidence(guest.uuid),
  ]);
  return describeStatus(context, { facts, records, stored }, buses, self);
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
  { facts, records, stored }: StatusFacts,
  buses: ReadonlySet<EmulatedBus>,
  self: string | undefined,
): Promise<GuestResult> {
  const standing = assessStanding(facts, buses);
  const conversion = standingConversion(records);
  const base = {
    ...emptyResult(facts),
    evidence: stored?.evidence ?? [],
    ...(stored === undefined ? {} : { evidenceAt: stored.at }),
    inventory: describeDisks(facts, buses),
    ...(conversion === undefined ? {} : { conversionId: conversion.id }),
  };
  if (standing === 'compliant') return { ...base, outcome: 'compliant' };
  const details = await readGuestDetails(source, facts);
  const assessment = assessGuest(facts, details, {
    buses,
    rename: false,
    restarts: false,
    keptBefore: keptNames(records),
    ownUuid: self,
  });
  if (standing === 'pending') {
    const drift = assessment.refusals.filter(({ code }) => code === 'source-drift');
    return { ...base, outcome: 'converted', restart: 'pending', refusals: drift };
  }
  const disks = assessment.rewrite.changes.map((change) => ({ ...change, outcome: 'planned' as const }));
  const outcome = assessment.refusals.length > 0 ? 'refused' : 'planned';
  return { ...base, outcome, refusals: assessment.refusals, warnings: assessment.warnings, disks };
}
