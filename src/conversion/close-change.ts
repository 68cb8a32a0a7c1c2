import { announce } from '../store/journal.ts';
import { type ChangeFiles, type ChangeRecord, writeRecord } from '../store/record.ts';
import { restoreNvram } from './nvram.ts';
import type { ChangeContext } from './run-context.ts';

/**
 * Do what is left to do once the guest has its definition, and write down on which side it is: first in the record,
 * then, as the last word, in the journal.
 */
export async function closeChange(
  { places, report }: Pick<ChangeContext, 'places' | 'report'>,
  record: ChangeRecord,
  files: ChangeFiles,
  side: 'done' | 'undone',
): Promise<void> {
  if (side === 'done' && record.restoresNvram !== undefined) {
    await restoreNvram(record.restoresNvram.copy, record.restoresNvram.path);
  }
  await writeRecord(files, { ...record, state: side, finishedAt: new Date().toISOString() });
  await announce(places.journal, { change: record.id, guest: record.guest, step: 'end', side });
  report({ guest: record.guest.name, step: 'end' });
}
