import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';

/** Drivers that every initramfs of the testbed carries, whatever the guest's disk is attached to. */
export const initramfsDrivers = [
  'ata_piix',
  'ahci',
  'sd_mod',
  'sr_mod',
  'cdrom',
  'sym53c8xx',
  'virtio',
  'virtio_ring',
  'virtio_pci',
  'virtio_scsi',
  'uhci_hcd',
  'ehci_pci',
  'xhci_pci',
  'usb_storage',
  'uas',
  'ext4',
  'crc32c_generic', // ext4 asks the crypto layer for it by name
];

/** Drivers that only the root file system holds, as on a real system. */
const rootDrivers = ['virtio_blk', 'virtio_console', 'virtio_net', 'button', 'evdev', 'isofs', '9p', '9pnet_virtio'];

/** Drivers for roots that are not simply a file system on a disk; only guests that have such a root carry them. */
const storageDrivers = ['btrfs', 'dm_mod', 'raid1'];

/** A kernel in the cache: its image, and those of its modules that a test guest can need. */
export interface GuestKernel {
  /** As `uname -r` says it, for example `6.1.0-56-amd64`. */
  version: string;
  image: string;
  /** Holds `modules.dep`, `modules.builtin` and `kernel/`. */
  modulesFolder: string;
  /** The same with the drivers for btrfs, LVM and md. */
  storageModulesFolder: string;
}

/** The kernel that `keepKernel` put into a folder. */
export async function keptKernel(folder: string): Promise<GuestKernel> {
  const version = await onlyEntry(join(folder, 'lib/modules'));
  return {
    version,
    image: join(folder, 'vmlinuz'),
    modulesFolder: join(folder, 'lib/modules', version),
    storageModulesFolder: join(folder, 'storage/lib/modules', version),
  };
}

/** Of a kernel's image and of all its modules, `lib/modules/<version>` within `whole`, keep the little that test guests use. */
export async function keepKernel(folder: string, whole: string, image: (version: string) => string): Promise<void> {
  const version = await onlyEntry(join(whole, 'lib/modules'));
  await execa('depmod', ['-b', whole, version]);
  const modulesFolder = join(whole, 'lib/modules', version);
  const usual = [...initramfsDrivers, ...rootDrivers];
  for (const [names, target] of [
    [usual, folder],
    [[...usual, ...storageDrivers], join(folder, 'storage')],
  ] as const) {
    await installModules({ version, modulesFolder }, await moduleFiles(modulesFolder, names), target);
  }
  await copyKernelImage(image(version), join(folder, 'vmlinuz'));
}

/**
 * Return the named modules and all they depend on, those that are built in left out, as paths relative to the kernel's modules folder
 * (`kernel/drivers/block/virtio_blk.ko`).
 */
export async function moduleFiles(modulesFolder: string, names: readonly string[]): Promise<string[]> {
  const dependencies = parseModulesDep(await readFile(join(modulesFolder, 'modules.dep'), 'utf8'));
  const builtIn = (await readFile(join(modulesFolder, 'modules.builtin'), 'utf8')).split('\n').map(moduleName);
  const files = new Set<string>();
  for (const name of names) {
    const file = [...dependencies.keys()].find((candidate) => moduleName(candidate) === name);
    if (!file && builtIn.includes(name)) continue;
    if (!file) throw new Error(`this kernel has no module ${name}`);
    for (const needed of [file, ...(dependencies.get(file) ?? [])]) files.add(needed);
  }
  return [...files].sort();
}

/** Copy modules, given as `moduleFiles` returns them, and write their `modules.dep` and `modules.alias`. */
export async function installModules(
  kernel: { version: string; modulesFolder: string },
  files: readonly string[],
  rootFolder: string,
): Promise<void> {
  const target = join(rootFolder, 'lib/modules', kernel.version);
  for (const file of [...files, 'modules.builtin', 'modules.builtin.modinfo', 'modules.order']) {
    await mkdir(dirname(join(target, file)), { recursive: true });
    await copyFile(join(kernel.modulesFolder, file), join(target, file));
  }
  await execa('depmod', ['-b', rootFolder, kernel.version]);
}

/**
 * Copy the kernel with `relocatable_kernel` of its boot header (Documentation/arch/x86/boot.rst) cleared. GRUB 2.06 loads a
 * relocatable kernel elsewhere first and then moves 64 MiB byte by byte, which is 2 s of every boot under emulation.
 */
async function copyKernelImage(from: string, to: string): Promise<void> {
  const image = await readFile(from);
  if (image.toString('latin1', 0x202, 0x206) !== 'HdrS') throw new Error(`${from} is no kernel for x86`);
  image[0x234] = 0;
  await writeFile(to, image);
}

function parseModulesDep(text: string): Map<string, string[]> {
  const lines = text.split('\n').filter((line) => line.includes(':'));
  return new Map(
    lines.map((line) => {
      const [file = '', dependencies = ''] = line.split(':');
      return [file, dependencies.split(' ').filter((dependency) => dependency !== '')];
    }),
  );
}

/** `kernel/drivers/usb/storage/usb-storage.ko.xz` -> `usb_storage` */
function moduleName(file: string): string {
  return basename(file)
    .replace(/\.ko(\.\w+)?$/, '')
    .replaceAll('-', '_');
}

async function onlyEntry(folder: string): Promise<string> {
  const [entry, another] = await readdir(folder);
  if (!entry || another) throw new Error(`expected exactly one entry in ${folder}`);
  return entry;
}
