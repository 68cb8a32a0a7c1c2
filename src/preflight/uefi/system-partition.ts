import { type GuestFiles, orUnreadable, readHead, UnreadableError } from '../guest-files.ts';

/** An EFI system partition, by where its files are read. */
export interface SystemPartition {
  readonly files: GuestFiles;
  /** Where it is among these files: `/boot/efi`, or empty where it is all of them. */
  readonly root: string;
  /** Its PARTUUID in lower case; undefined where that is not known. */
  readonly id: string | undefined;
}

/** Whether a program is there: true or false, or undefined where that can't be told. */
export type Presence = boolean | undefined;

/**
 * Whether an EFI system partition holds a program.
 * @param path as the firmware writes it: `\EFI\BOOT\BOOTX64.EFI`. Its case does not matter (FAT).
 */
export async function hasProgram({ files, root }: SystemPartition, path: string): Promise<Presence> {
  const names = path.split('\\').filter((name) => name !== '');
  if (names.length === 0 || names.some((name) => name === '..' || name.includes('/'))) return false;
  const asWritten = await orUnreadable(() => isProgram(files, [root, ...names].join('/')));
  if (asWritten === true) return true;
  const found = await orUnreadable(() => findWithoutCase(files, root, names));
  if (found instanceof UnreadableError) return undefined;
  const isThere = found === undefined ? false : await orUnreadable(() => isProgram(files, found));
  return isThere instanceof UnreadableError ? undefined : isThere;
}

/** Programs of UEFI are PE files. */
async function isProgram(files: GuestFiles, path: string): Promise<boolean> {
  return (await readHead(files, path, 2))?.toString('latin1') === 'MZ';
}

async function findWithoutCase(files: GuestFiles, root: string, names: readonly string[]): Promise<string | undefined> {
  let place = root;
  for (const name of names) {
    const found = (await files.list(place === '' ? '/' : place))?.find(
      (one) => one.toLowerCase() === name.toLowerCase(),
    );
    if (found === undefined) return undefined;
    place = `${place}/${found}`;
  }
  return place;
}
