import type { TrendPoint, WaiverStatus } from '../compliance/rule-result.ts';
import type { HistoryEntry } from '../conversion/read-history.ts';
import type { GuestResult } from '../conversion/result.ts';
import type { UnfinishedChange } from '../store/journal.ts';

/** What one run of a command came to: every view renders this. */
export interface RunReport {
  readonly command: string;
  readonly connection: string;
  /** The key of the host's state. */
  readonly host: string;
  readonly dryRun: boolean;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly guests: readonly GuestResult[];
  /** What this run first brought to an end. */
  readonly recovered: readonly GuestResult[];
  /** Of a run that tells only what is new: the UUIDs of the guests of which there is nothing new. */
  readonly nothingNew?: ReadonlySet<string>;
  /** What a read-only command found unfinished. */
  readonly unfinished: readonly UnfinishedChange[];
  /** `history` only. */
  readonly history?: readonly HistoryEntry[];
  /** `check` only. */
  readonly waivers?: readonly WaiverStatus[];
  /** `check` only, oldest first. */
  readonly trend?: readonly TrendPoint[];
  /** `check --screens` only: what clones that did not come up showed, by the UUID of the guest, as PNG. */
  readonly screens?: ReadonlyMap<string, Buffer>;
  /** `check` only: whether no guest was left out, so that the reports of the host can be written. */
  readonly isOfAll?: boolean;
}

/** How many guests ended in which way, `selected` first. */
export function summarize(guests: readonly GuestResult[]): Record<string, number> {
  const summary: Record<string, number> = { selected: guests.length };
  for (const { outcome } of guests) summary[outcome] = (summary[outcome] ?? 0) + 1;
  return summary;
}
