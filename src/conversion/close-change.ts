import { type ChangeFiles, writeRecord } from '../store/change-files.ts';
import { announce } from '../store/journal.ts';
import type { ChangeRecord, Side } from '../store/record.ts';
import { restoreNvram } from './nvram.ts';
import type { ChangeContext } from './run-context.ts';

export interface CloseOptions {
  /** The guest was asked to go off and still runs: it is to be started again should it go off after all. */
  readonly wanted?: boolean;
  /** How it came up with its new definition, where it was restarted. */
  readonly cameUp?: 'verified' | 'unverified';
  /** The new definition as libvirt prints it, where it is not kept yet. */
  readonly after?: string;
}

/**
 * Do what is left to do once the guest has its definition, and write down on which side it is: first in the record,
 * then, as the last word, in the journal.
 */
export async function closeChange(
  { places, report }: Pick<ChangeContext, 'places' | 'report'>,
  { record, files }: { readonly record: ChangeRecord; readonly files: ChangeFiles },
  side: Side,
  { wanted = false, cameUp, after }: CloseOptions = {},
): Promise<void> {
  if (side === 'done' && record.restoresNvram !== undefined) {
    await restoreNvram(record.restoresNvram.copy, record.restoresNvram.path);
  }
  const seen = cameUp === undefined ? {} : { cameUp };
  await writeRecord(files, { ...record, ...seen, state: side, finishedAt: new Date().toISOString() }, { after });
  const end = { change: record.id, guest: record.guest, step: 'end', side } as const;
  await announce(places.journal, wanted ? { ...end, wanted } : end);
  report({ guest: record.guest.name, step: 'end' });
}
