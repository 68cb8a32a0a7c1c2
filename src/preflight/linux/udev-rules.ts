import { type GuestFiles, readText, UnreadableError } from '../guest-files.ts';
import { configLines } from './config-lines.ts';
import type { NamedDisk } from './named-disk.ts';

const FOLDER = '/etc/udev/rules.d';
const MAX_FILES = 50;

/** The admin's own udev rules that pick disks by the old bus: they no longer apply, which stops no boot. */
export async function readUdevRules(files: GuestFiles): Promise<NamedDisk[]> {
  try {
    const names = ((await files.list(FOLDER)) ?? []).filter((name) => name.endsWith('.rules')).slice(0, MAX_FILES);
    const named: NamedDisk[] = [];
    for (const name of names) {
      const rule = configLines((await readText(files, `${FOLDER}/${name}`)) ?? '').find(picksOldDisk);
      if (rule === undefined) continue;
      named.push({ file: `${FOLDER}/${name}`, device: rule, purpose: 'a disk', stopsBoot: false });
    }
    return named;
  } catch (error) {
    if (error instanceof UnreadableError) return []; // only a warning would come of it
    throw error;
  }
}

function picksOldDisk(rule: string): boolean {
  return (
    !rule.includes('ID_CDROM') &&
    /\bKERNELS?=="(?:sd|hd|\[[sh]+\]d)|ID_(?:PATH|SERIAL|SERIAL_SHORT|WWN)\}=="|scsi_id/.test(rule)
  );
}
