import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { changeFiles, writeRecord } from '../../../../src/store/change-files.ts';
import type { ChangeRecord } from '../../../../src/store/record.ts';

/** Write a guest's records with all that lies beside them. */
export async function writeBackups(backups: string, guest: string, records: readonly ChangeRecord[]): Promise<void> {
  for (const record of records) {
    const files = changeFiles(backups, guest, record.id);
    await mkdir(join(files.folder, 'as-it-was'), { recursive: true });
    for (const path of [files.before, files.after, files.nvram]) await writeFile(path, 'what there was');
    for (const name of ['screen.png', 'as-it-was/screen.png']) await writeFile(join(files.folder, name), 'a screen');
    await writeRecord(files, record);
  }
}
