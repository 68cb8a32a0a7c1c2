import { type GuestFiles, orUnreadable, readText, UnreadableError } from '../guest-files.ts';
import { configLines } from './config-lines.ts';
import { changesOnVirtio } from './device-path.ts';
import type { NamedDisk } from './named-disk.ts';

/** A folder of files that may name disks. */
interface NamingFolder {
  readonly folder: string;
  readonly isOne: (name: string) => boolean;
  readonly read: (text: string, file: string) => NamedDisk[];
}

const FOLDERS: readonly NamingFolder[] = [
  { folder: '/etc/systemd/system', isOne: isAdminsMount, read: readMountUnit },
  { folder: '/etc/drbd.d', isOne: (name) => name.endsWith('.res'), read: readDrbd },
  { folder: '/etc/udev/rules.d', isOne: (name) => name.endsWith('.rules'), read: readUdevRules },
];
const MAX_FILES = 50;

/**
 * The disks that the files of some folders name: few systems have any there. Where a folder can't be listed (an agent
 * without guest-exec) it is taken for one that names none.
 */
export async function readNamingFolders(files: GuestFiles): Promise<NamedDisk[]> {
  const named: NamedDisk[] = [];
  for (const { folder, isOne, read } of FOLDERS) {
    const names = await orUnreadable(() => files.list(folder));
    if (names === undefined || names instanceof UnreadableError) continue;
    for (const name of names.filter(isOne).slice(0, MAX_FILES)) {
      const text = await orUnreadable(() => readText(files, `${folder}/${name}`));
      if (typeof text === 'string') named.push(...read(text, `${folder}/${name}`));
    }
  }
  return named;
}

/** snapd has dozens of its own, for its images. */
function isAdminsMount(name: string): boolean {
  return /\.(?:mount|swap)$/.test(name) && !/^(?:var-lib-snapd-)?snap-/.test(name);
}

/** systemd.mount(5), systemd.swap(5) */
function readMountUnit(text: string, file: string): NamedDisk[] {
  const settings = new Map(
    configLines(text).map((line) => {
      const [name = '', ...value] = line.split('=');
      return [name.trim(), value.join('=').trim()];
    }),
  );
  const device = settings.get('What') ?? '';
  const isSwap = file.endsWith('.swap');
  const purpose = isSwap ? 'swap' : `the file system at ${settings.get('Where') ?? 'its place'}`;
  return changesOnVirtio(device) ? [{ file, device, purpose, stopsBoot: !isSwap }] : [];
}

/** drbd.conf(5): `disk /dev/sdb1;` */
function readDrbd(text: string, file: string): NamedDisk[] {
  return configLines(text).flatMap((line) => {
    const device = /(?:^|[\s{;])(?:meta-)?disk\s+"?(\/dev\/[^\s;"]+)/.exec(line)?.[1] ?? '';
    return changesOnVirtio(device) ? [{ file, device, purpose: 'a DRBD volume', stopsBoot: true }] : [];
  });
}

/** The admin's own udev rules that pick disks by the old bus: they no longer apply, which stops no boot. */
function readUdevRules(text: string, file: string): NamedDisk[] {
  const rule = configLines(text).find(picksOldDisk);
  return rule === undefined ? [] : [{ file, device: rule, purpose: 'a disk', stopsBoot: false }];
}

function picksOldDisk(rule: string): boolean {
  return (
    !rule.includes('ID_CDROM') &&
    /\bKERNELS?=="(?:sd|hd|\[[sh]+\]d)|ID_(?:PATH|SERIAL|SERIAL_SHORT|WWN)\}=="|scsi_id/.test(rule)
  );
}
