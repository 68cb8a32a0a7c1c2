import { dirname } from 'node:path/posix';
import { type GuestFiles, hasFile, orUnreadable, readText, UnreadableError } from '../guest-files.ts';
import type { BootEntry, BootMenu } from './boot-entries.ts';
import { type GrubConfig, readGrubConfig, readGrubEnvironment } from './grub-config.ts';
import { readLegacyGrub } from './legacy-grub.ts';
import { type LoaderContext, readLoaderEntries } from './loader-entries.ts';
import { readSyslinux } from './syslinux.ts';

/** The boot entries that may start this system, with the file that they stand in. */
export interface FoundMenu {
  readonly file: string;
  /** The default one, or all where it can't be told. */
  readonly entries: readonly BootEntry[];
  readonly isDefaultKnown: boolean;
  /** Where a path that does not begin with `/` begins. */
  readonly folder: string;
  /** Where the loader's `/` may be, as the guest sees it, where that is told by the place of its configuration. */
  readonly root: string | undefined;
}

const GRUB_FOLDERS = ['/boot/grub', '/boot/grub2', '/efi/grub', '/boot/efi/grub'];
const LEGACY_GRUB = [
  '/boot/grub/grub.conf',
  '/boot/grub/menu.lst',
  '/boot/efi/EFI/redhat/grub.conf', // RHEL 6 with UEFI
];
const SYSLINUX = [
  '/boot/extlinux/extlinux.conf',
  '/boot/extlinux.conf',
  '/boot/syslinux/syslinux.cfg',
  '/boot/syslinux.cfg',
];
/** Boot loaders whose configuration is not understood: beside one that is, which of them starts the system can't be told. */
const OTHER_LOADERS = [
  '/etc/lilo.conf',
  '/etc/elilo.conf',
  '/boot/limine.conf',
  '/boot/limine.cfg',
  '/boot/limine/limine.conf',
  '/boot/efi/limine.conf',
  '/boot/refind_linux.conf',
  '/boot/efi/EFI/refind/refind.conf',
  '/efi/EFI/refind/refind.conf',
];
const MAX_LOADER_ENTRIES = 100;
/** Where the EFI system partition may be. In /boot, the entries may be GRUB's as well. */
const [BOOT, ...EFI_PARTITIONS] = ['/boot', '/boot/efi', '/efi'] as const;
const EFI_FOLDERS = '/boot/efi/EFI';
/** Where an agent does not let folders be listed. */
const EFI_VENDORS = 'almalinux arch centos debian fedora ol opensuse oracle redhat rocky sled sles ubuntu'.split(' ');

/**
 * Find the configurations of all boot loaders that are there. Which of several one the firmware starts can't be told.
 * @throws UnreadableError where one is there and can't be read.
 */
export async function findBootMenus(files: GuestFiles): Promise<FoundMenu[]> {
  for (const path of OTHER_LOADERS) {
    if (await hasFile(files, path)) throw new UnreadableError(`${path} is of a boot loader that is not understood`);
  }
  const grub: FoundMenu[] = [];
  for (const folder of [...GRUB_FOLDERS, ...(await efiFolders(files))]) {
    const menu = await readGrubFolder(files, folder);
    if (menu !== undefined && !grub.some((known) => isSameMenu(known, menu))) grub.push(menu);
  }
  if (grub.length > 0) {
    // systemd-boot's own file: without it, what is in /boot is GRUB's
    const isInBoot = await hasFile(files, `${BOOT}/loader/loader.conf`);
    const roots = isInBoot ? [BOOT, ...EFI_PARTITIONS] : EFI_PARTITIONS;
    return [...grub, ...(await readEfiPartitions(permissive(files), roots))];
  }
  for (const [paths, read] of [
    [LEGACY_GRUB, readLegacyGrub],
    [SYSLINUX, readSyslinux],
  ] as const) {
    for (const path of paths) {
      const text = await readText(files, path);
      const menu = text === undefined ? undefined : read(text);
      if (menu !== undefined && menu.entries.length > 0) return [found(path, menu)];
    }
  }
  return readEfiPartitions(files, [BOOT, ...EFI_PARTITIONS]);
}

function found(file: string, { entries, defaults }: BootMenu, root?: string): FoundMenu {
  return {
    file,
    entries: defaults.length > 0 ? defaults : entries.filter(mayBeLinux),
    isDefaultKnown: defaults.length === 1,
    folder: dirname(file),
    root,
  };
}

/** Menus hold entries beside Linux: other systems, memory tests, the firmware's settings. */
function mayBeLinux({ kernel }: BootEntry): boolean {
  return kernel !== '' && !/memtest/i.test(kernel);
}

function isSameMenu(one: FoundMenu, other: FoundMenu): boolean {
  return JSON.stringify(one.entries) === JSON.stringify(other.entries);
}

async function readGrubFolder(files: GuestFiles, folder: string): Promise<FoundMenu | undefined> {
  const file = `${folder}/grub.cfg`;
  const text = await readText(files, file);
  if (text === undefined) return undefined;
  const environment = readGrubEnvironment((await readText(files, `${folder}/grubenv`)) ?? '');
  const first = readGrubConfig(text, environment);
  const config = readGrubConfig(text, environment, await readSources(files, folder, first.sources));
  const menu = config.usesLoaderEntries ? await withLoaderEntries(files, config) : config;
  if (menu.entries.some(mayBeLinux)) return found(file, menu);
  if (folder.startsWith(EFI_FOLDERS)) return undefined; // it only leads to the one in /boot
  throw new UnreadableError(`${file} has no entry that is understood`);
}

/** Files in GRUB's own folder that grub.cfg reads in turn, such as custom.cfg, by their paths in it. */
async function readSources(
  files: GuestFiles,
  folder: string,
  sources: readonly string[],
): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const source of sources) {
    const path = source.replace(/^\$(?:prefix|config_directory)\//, `${folder}/`);
    const text = path.startsWith('/') && path !== `${folder}/grub.cfg` ? await readText(files, path) : undefined;
    if (text !== undefined) texts.set(source, text);
  }
  return texts;
}

async function withLoaderEntries(files: GuestFiles, config: GrubConfig): Promise<BootMenu> {
  const context = { variables: config.variables, wanted: config.wanted || undefined };
  const inLoader = await loaderEntries(files, '/boot/loader/entries', context);
  return {
    entries: [...inLoader.entries, ...config.entries],
    defaults: inLoader.defaults.length > 0 ? inLoader.defaults : namedDefaults(config),
  };
}

/** A number counts the loader's entries too, in an order of their own. */
function namedDefaults({ wanted, defaults }: GrubConfig): readonly BootEntry[] {
  return /^(?:\d|$)/.test(wanted ?? '') ? [] : defaults;
}

/** Where folders can't be listed, the entry that the loader wants is found by its name. */
async function loaderEntries(files: GuestFiles, folder: string, context: LoaderContext): Promise<BootMenu> {
  const { wanted } = context;
  const isName = wanted !== undefined && /^[\w.+~-]+$/.test(wanted);
  const direct = isName ? await readText(files, `${folder}/${wanted}.conf`) : undefined;
  if (isName && direct !== undefined) return readLoaderEntries(new Map([[wanted, direct]]), context);
  const names = ((await files.list(folder)) ?? []).filter((name) => name.endsWith('.conf'));
  if (names.length > MAX_LOADER_ENTRIES) throw new UnreadableError(`${folder} has too many entries`);
  const texts = new Map<string, string>();
  for (const name of names) {
    texts.set(name.slice(0, -'.conf'.length), (await readText(files, `${folder}/${name}`)) ?? '');
  }
  return readLoaderEntries(texts, context);
}

/** systemd-boot: entries on the EFI system partition. Which it starts is kept in the firmware. */
async function readEfiPartitions(files: GuestFiles, roots: readonly string[]): Promise<FoundMenu[]> {
  const menus: FoundMenu[] = [];
  for (const root of roots) {
    const folder = `${root}/loader/entries`;
    const menu = await loaderEntries(files, folder, { variables: new Map(), wanted: undefined });
    if (menu.entries.some(mayBeLinux)) menus.push(found(folder, menu, root));
    const images = (await files.list(`${root}/EFI/Linux`)) ?? [];
    if (images.some((name) => name.endsWith('.efi')))
      throw new UnreadableError(`${root}/EFI/Linux has unified kernel images, which are not looked into`);
  }
  return menus;
}

/** Where a system with UEFI may have its only grub.cfg. */
async function efiFolders(files: GuestFiles): Promise<string[]> {
  const names = await permissive(files, EFI_VENDORS).list(EFI_FOLDERS);
  return (names ?? []).map((name) => `${EFI_FOLDERS}/${name}`);
}

/** The same files, with a guess at the names in a folder where it can't be listed. */
function permissive(files: GuestFiles, guess: readonly string[] = []): GuestFiles {
  return {
    open: (path) => files.open(path),
    async list(folder) {
      const names = await orUnreadable(() => files.list(folder));
      return names instanceof UnreadableError ? guess : names;
    },
  };
}
