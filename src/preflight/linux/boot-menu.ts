import { type GuestFiles, readText, UnreadableError } from '../guest-files.ts';
import {
  type BootEntry,
  type BootMenu,
  readGrubConfig,
  readGrubEnvironment,
  readLegacyGrub,
  readLoaderEntries,
  readSyslinux,
} from './boot-entries.ts';

/** The boot entries that may start this system, with the file that they stand in. */
export interface FoundMenu {
  readonly file: string;
  readonly entries: readonly BootEntry[];
  readonly isDefaultKnown: boolean;
}

const GRUB_FOLDERS = ['/boot/grub', '/boot/grub2'];
const LEGACY_GRUB = ['/boot/grub/grub.conf', '/boot/grub/menu.lst'];
const SYSLINUX = [
  '/boot/extlinux/extlinux.conf',
  '/boot/extlinux.conf',
  '/boot/syslinux/syslinux.cfg',
  '/boot/syslinux.cfg',
];
const LOADER_ENTRIES = '/boot/loader/entries';
const EFI_FOLDERS = '/boot/efi/EFI';

/** Find the boot loader's configuration; undefined where there is none that is known. */
export async function findBootMenu(files: GuestFiles): Promise<FoundMenu | undefined> {
  for (const folder of [...GRUB_FOLDERS, ...(await efiFolders(files))]) {
    const text = await readText(files, `${folder}/grub.cfg`);
    if (text === undefined) continue;
    const environment = readGrubEnvironment((await readText(files, `${folder}/grubenv`)) ?? '');
    const menu = readGrubConfig(text, environment);
    const withEntries = /^\s*blscfg\b/m.test(text) ? await loaderEntries(files, environment) : menu;
    if (withEntries.entries.length > 0) return found(`${folder}/grub.cfg`, withEntries);
  }
  for (const [paths, read] of [
    [LEGACY_GRUB, readLegacyGrub],
    [SYSLINUX, readSyslinux],
  ] as const) {
    for (const path of paths) {
      const text = await readText(files, path);
      if (text !== undefined && read(text).entries.length > 0) return found(path, read(text));
    }
  }
  const menu = await loaderEntries(files, new Map());
  return menu.entries.length > 0 ? found(LOADER_ENTRIES, menu) : undefined;
}

function found(file: string, { entries, defaultEntry }: BootMenu): FoundMenu {
  return {
    file,
    entries: defaultEntry === undefined ? entries : [defaultEntry],
    isDefaultKnown: defaultEntry !== undefined,
  };
}

async function loaderEntries(files: GuestFiles, environment: ReadonlyMap<string, string>): Promise<BootMenu> {
  const names = (await files.list(LOADER_ENTRIES)) ?? [];
  const texts = new Map<string, string>();
  for (const name of names.filter((candidate) => candidate.endsWith('.conf'))) {
    texts.set(name.slice(0, -'.conf'.length), (await readText(files, `${LOADER_ENTRIES}/${name}`)) ?? '');
  }
  return readLoaderEntries(texts, environment);
}

/** Where a system with UEFI may have its only grub.cfg. A reader that can't list folders just does not find it. */
async function efiFolders(files: GuestFiles): Promise<string[]> {
  try {
    return ((await files.list(EFI_FOLDERS)) ?? []).map((name) => `${EFI_FOLDERS}/${name}`);
  } catch (error) {
    if (error instanceof UnreadableError) return [];
    throw error;
  }
}
