import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GuestDisk } from '../../testbed/guest-xml.ts';
import { writeFiles, writeUserland } from '../../testbed/root-files.ts';
import type { DirectStart, Label, LabelledGuest } from '../labelled-guest.ts';
import { assembleDisk } from '../partitioned-disk.ts';
import { type BootFiles, makeBootFiles } from './boot-folder.ts';
import type { Layout } from './layout.ts';
import { makeMore, onePartition } from './layouts/partitioned.ts';
import type { LinuxStock } from './linux-stock.ts';
import type { LinuxSystem } from './linux-system.ts';

export interface LinuxGuestOptions {
  readonly system: LinuxSystem;
  readonly label: Omit<Label, 'known'>;
  /** Default `booted`. */
  readonly known?: Label['known'];
  /** Default: one partition. */
  readonly layout?: Layout;
  /** Default `pc`. */
  readonly machine?: 'pc' | 'q35';
  /** Whether a second disk with one file system is attached. */
  readonly hasDataDisk?: boolean;
  /** Where file systems are mounted once it is up with all its volumes; default the root. */
  readonly mountPoints?: readonly string[];
}

/** A guest with the testbed's small Linux, dressed as a distribution and installed as that installs itself. */
export function linuxGuest(name: string, options: LinuxGuestOptions): LabelledGuest<LinuxStock> {
  const { machine = 'pc', label, known = 'booted', mountPoints = ['/'] } = options;
  return {
    name,
    machine,
    label: { ...label, known },
    mountPoints,
    async build(folder, stock) {
      const { system, layout = onePartition(), hasDataDisk } = options;
      const { disks, start } = await buildSystem(folder, { system, layout, stock });
      const all = hasDataDisk ? [...disks, await buildDataDisk(folder)] : disks;
      return { disks: guestDisks(machine, all), ...(start === undefined ? {} : { start }) };
    },
  };
}

/** The disks of one system (raw), and how to start it where that takes a boot loader that can't be had here. */
export async function buildSystem(
  folder: string,
  { system, layout, stock }: { readonly system: LinuxSystem; readonly layout: Layout; readonly stock: LinuxStock },
): Promise<{ readonly disks: readonly [string, ...string[]]; readonly start?: DirectStart }> {
  const { kernel, busybox } = stock;
  const { distribution, fstab = [], files = {} } = system;
  const boot = await makeBootFiles(system, layout, stock);
  const draft = await mkdtemp(join(folder, 'draft-'));
  try {
    const contents = join(draft, 'contents');
    await mkdir(contents);
    const recipe = { agent: false, fstab: [...layout.fstab, ...fstab] };
    await writeUserland(contents, { recipe, rootUuid: '', kernel, busybox });
    await writeFiles(contents, { ...distribution.identity, ...boot.files, ...files });
    const disks = Array.from({ length: layout.diskCount ?? 1 }, (_, index) => join(folder, `disk-${index}.raw`)) as [
      string,
    ];
    await layout.build({ disks, folder: draft, contents, stock, grubFolder: distribution.grubFolder });
    return distribution.grubFolder === undefined ? { disks, start: await writeStart(folder, boot) } : { disks };
  } finally {
    await rm(draft, { recursive: true });
  }
}

async function writeStart(folder: string, { started }: BootFiles): Promise<DirectStart> {
  const [kernel, initramfs] = [join(folder, 'kernel'), join(folder, 'initramfs')];
  await writeFile(kernel, started.kernel);
  await writeFile(initramfs, started.initramfs);
  return { kernel, initramfs, args: started.args };
}

async function buildDataDisk(folder: string): Promise<string> {
  const disk = join(folder, 'data.raw');
  const partition = await makeMore(`${disk}.ext4`, 'data');
  await assembleDisk(disk, [partition]);
  await rm(partition.image);
  return disk;
}

/** As libvirt names them. The system inside calls them sda and sdb on either bus. */
export function guestDisks(machine: 'pc' | 'q35', paths: readonly string[]): GuestDisk[] {
  const [bus, prefix] = machine === 'pc' ? (['ide', 'hd'] as const) : (['sata', 'sd'] as const);
  return paths.map((path, index) => ({ path, format: 'raw', bus, target: `${prefix}${'ab'[index]}` }));
}
