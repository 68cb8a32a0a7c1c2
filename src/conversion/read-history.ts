import { changeFiles } from '../store/change-files.ts';
import { listRecordedGuests, readGuestRecords } from '../store/past-records.ts';
import type { ChangeRecord } from '../store/record.ts';
import { takenBack } from './past-conversions.ts';
import type { GuestResult } from './result.ts';
import type { HostContext } from './run-context.ts';

/** One change as `history` tells it. */
export interface HistoryEntry {
  readonly id: string;
  readonly guest: { readonly name: string; readonly uuid: string };
  readonly action: string;
  readonly state: 'done' | 'undone' | 'unfinished' | 'rolled-back';
  /** How the guest came up with its new definition, where it was restarted. */
  readonly restart?: 'verified' | 'unverified' | 'did-not-come-up';
  readonly at: string;
  readonly by: string;
  readonly reason?: string;
  readonly accepted: readonly string[];
  readonly evidence: GuestResult['evidence'];
  readonly changes: readonly { readonly from: string; readonly to: string }[];
  readonly folder: string;
}

/** All changes of all guests of a host, those that are gone by now included, oldest first. */
export async function readHistory(context: HostContext): Promise<HistoryEntry[]> {
  const { backups } = context.places;
  const guests = await listRecordedGuests(backups);
  const entries = await Promise.all(
    guests.map(async (uuid) => {
      const records = await readGuestRecords(backups, uuid);
      const undone = takenBack(records);
      return records.map((record) => historyEntry(record, undone, changeFiles(backups, uuid, record.id).folder));
    }),
  );
  return entries.flat().sort((one, other) => one.at.localeCompare(other.at));
}

function historyEntry(record: ChangeRecord, undone: ReadonlySet<string>, folder: string): HistoryEntry {
  const { id, guest, action, startedAt, by, reason, accepted, evidence, changes } = record;
  return {
    id,
    guest,
    action,
    state: stateOf(record, undone),
    ...restartOf(record),
    at: startedAt,
    by,
    ...(reason === undefined ? {} : { reason }),
    accepted,
    evidence,
    changes: changes.map(({ from, to }) => ({
      from: `${from.target} on ${from.bus}`,
      to: `${to.target} on ${to.bus}`,
    })),
    folder,
  };
}

function restartOf({ state, cameUp }: ChangeRecord): Pick<HistoryEntry, 'restart'> {
  if (state === 'rolled-back') return { restart: 'did-not-come-up' };
  return cameUp === undefined ? {} : { restart: cameUp };
}

function stateOf({ id, state }: ChangeRecord, undone: ReadonlySet<string>): HistoryEntry['state'] {
  if (undone.has(id)) return 'rolled-back';
  return state === 'started' ? 'unfinished' : state;
}
