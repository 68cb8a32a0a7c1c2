import { applyWaivers, listWaivers, type Waiver } from '../compliance/apply-waivers.ts';
import type { TrendPoint, WaiverStatus } from '../compliance/rule-result.ts';
import { traceTrend } from '../compliance/trend.ts';
import { guestMatcher } from '../policy/guest-pattern.ts';
import { findEnded, readJournal } from '../store/journal.ts';
import { createKept } from '../store/kept.ts';
import { type CheckOptions, checkGuest } from './check-guest.ts';
import { pastChanges } from './past-changes.ts';
import { resolveSelection, type SelectionOptions } from './resolve-selection.ts';
import type { GuestResult } from './result.ts';
import type { HostContext } from './run-context.ts';
import { READ_JOBS, settleAll } from './settle-all.ts';

export interface ChecksOptions extends Omit<CheckOptions, 'waive'> {
  readonly waivers: readonly Waiver[];
  readonly now: Date;
  readonly onGuest: (result: GuestResult) => void;
}

export interface Checks {
  readonly guests: readonly GuestResult[];
  readonly waivers: readonly WaiverStatus[];
  readonly trend: readonly TrendPoint[];
}

/**
 * What the rules say of all selected guests. One that is gone by the time it is looked at is left out.
 * @throws VirtioizeError `usage`, `no-such-guest`; for what concerns the whole run: the connection, permission.
 */
export async function checkGuests(
  host: HostContext,
  selection: SelectionOptions,
  { buses, self, waivers, now, onGuest }: ChecksOptions,
): Promise<Checks> {
  const today = now.toISOString().slice(0, 10);
  const named = waivers.map((waiver) => ({ ...waiver, names: guestMatcher(waiver.guests) }));
  const waive: CheckOptions['waive'] = (guest, results) =>
    applyWaivers(
      results,
      named.filter(({ names }) => names(guest)),
      today,
    );
  const selected = await resolveSelection(host, selection);
  const reading = { ...host, kept: createKept(host.places) };
  const results = await settleAll(selected, READ_JOBS, async (guest) => {
    if (host.interrupted.aborted) return undefined;
    const result = await checkGuest(reading, guest, { buses, self, waive });
    if (result.error?.code === 'no-such-guest') return undefined;
    onGuest(result);
    return result;
  });
  const guests = results.filter((result) => result !== undefined);
  const ended = findEnded(await readJournal(host.places.journal));
  return {
    guests,
    waivers: listWaivers(named, today, ({ names }) => guests.filter(names).length),
    trend: traceTrend({ at: now.toISOString(), emulated: findEmulated(guests) }, pastChanges(ended)),
  };
}

/** Which guests have emulated disks in their definitions; without those of which that is not known. */
function findEmulated(guests: readonly GuestResult[]): ReadonlyMap<string, boolean> {
  return new Map(
    guests.flatMap(({ uuid, compliance = [] }) => {
      const result = compliance.find(({ rule }) => rule === 'VIO-001')?.result;
      return result === 'pass' || result === 'fail' ? [[uuid, result === 'fail'] as const] : [];
    }),
  );
}
