import { announce } from '../store/journal.ts';
import { type ChangeFiles, type ChangeRecord, type Side, writeRecord } from '../store/record.ts';
import { restoreNvram } from './nvram.ts';
import type { ChangeContext } from './run-context.ts';

/**
 * Do what is left to do once the guest has its definition, and write down on which side it is: first in the record,
 * then, as the last word, in the journal.
 * @param wanted the guest was asked to go off and still runs: it is to be started again should it go off after all.
 */
export async function closeChange(
  { places, report }: Pick<ChangeContext, 'places' | 'report'>,
  { record, files }: { readonly record: ChangeRecord; readonly files: ChangeFiles },
  side: Side,
  { wanted = false }: { readonly wanted?: boolean } = {},
): Promise<void> {
  if (side === 'done' && record.restoresNvram !== undefined) {
    await restoreNvram(record.restoresNvram.copy, record.restoresNvram.path);
  }
  await writeRecord(files, { ...record, state: side, finishedAt: new Date().toISOString() });
  const end = { change: record.id, guest: record.guest, step: 'end', side } as const;
  await announce(places.journal, wanted ? { ...end, wanted } : end);
  report({ guest: record.guest.name, step: 'end' });
}
