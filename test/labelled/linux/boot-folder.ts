import { EMULATED_KERNEL_ARGS } from '../../testbed/emulated-kernel.ts';
import type { Layout } from './layout.ts';
import type { LinuxStock } from './linux-stock.ts';
import type { InstalledKernel, LinuxSystem, Menu, MenuEntry } from './linux-system.ts';
import { makeStubKernel } from './stub-kernel.ts';

/** What a system boots with. */
export interface BootFiles {
  /** By absolute path. */
  readonly files: Readonly<Record<string, Buffer | string>>;
  /** What the boot loader starts by itself. */
  readonly started: { readonly kernel: Buffer; readonly initramfs: Buffer; readonly args: string };
}

interface Built {
  readonly entry: MenuEntry;
  readonly kernel: Buffer;
  readonly initramfs: Buffer;
  readonly files: Readonly<Record<string, Buffer | string>>;
}

/** Make the kernels, their images and the boot menu of a system. */
export async function makeBootFiles(system: LinuxSystem, layout: Layout, stock: LinuxStock): Promise<BootFiles> {
  const { distribution, kernels, chosen = 0 } = system;
  const built = await Promise.all(kernels.map((kernel) => buildKernel(kernel, { system, layout, stock })));
  const entries = built.map(({ entry }) => entry) as [MenuEntry, ...MenuEntry[]];
  const started = built[chosen];
  if (started === undefined) throw new Error(`there is no kernel ${chosen}`);
  const menu: Menu = { entries, chosen: started.entry, bootUuid: layout.bootUuid };
  return {
    files: Object.assign(
      inBoot(distribution.menuFiles(menu)),
      ...built.map(({ files }) => files),
      ...built.map(({ entry, kernel, initramfs }) => ({
        [`/boot/${distribution.kernelName(entry.version)}`]: kernel,
        [`/boot/${distribution.initramfsName(entry.version)}`]: initramfs,
      })),
    ),
    started: { kernel: started.kernel, initramfs: started.initramfs, args: started.entry.args },
  };
}

async function buildKernel(
  installed: InstalledKernel,
  { system, layout, stock }: { system: LinuxSystem; layout: Layout; stock: LinuxStock },
): Promise<Built> {
  const version = installed.version ?? stock.kernel.version;
  const { distribution } = system;
  const entry: MenuEntry = {
    version,
    kernel: `${layout.loaderBoot}/${distribution.kernelName(version)}`,
    initramfs: `${layout.loaderBoot}/${distribution.initramfsName(version)}`,
    args: kernelArguments(system, layout),
  };
  const modules = `/usr/lib/modules/${version}`;
  if (installed.version !== undefined) {
    const { image, initramfs, moduleIndexes } = await makeStubKernel(stock.kernel, version, installed);
    const indexes = Object.entries(moduleIndexes).map(([name, text]) => [`${modules}/${name}`, text]);
    return { entry, kernel: image, initramfs, files: Object.fromEntries(indexes) };
  }
  const { initramfs: wanted = {}, virtioBlk, isBuiltIn = false } = installed;
  const needed = (await layout.initramfs?.()) ?? {};
  return {
    entry,
    kernel: stock.kernelImage,
    initramfs: await stock.initramfs({
      compression: 'gzip',
      ...needed,
      ...wanted,
      moreEntries: [...(needed.moreEntries ?? []), ...(wanted.moreEntries ?? [])],
      virtioBlk,
    }),
    files: isBuiltIn ? { [`${modules}/modules.builtin`]: BUILT_IN } : {},
  };
}

/** `rootdelay` shortens the wait for a root that does not come. */
function kernelArguments({ root, args }: LinuxSystem, layout: Layout): string {
  const rootArgument = root === '' ? '' : `root=${root ?? layout.root}`;
  const usual = `ro quiet console=ttyS0 rootdelay=8 ${EMULATED_KERNEL_ARGS}`;
  return [rootArgument, usual, layout.args, args].filter(Boolean).join(' ');
}

const BUILT_IN = ['block/virtio_blk', 'virtio/virtio', 'virtio/virtio_ring', 'virtio/virtio_pci']
  .concat(['virtio/virtio_pci_legacy_dev', 'virtio/virtio_pci_modern_dev'])
  .map((name) => `kernel/drivers/${name}.ko\n`)
  .join('');

function inBoot(files: Readonly<Record<string, string>>): Record<string, Buffer | string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`/boot/${name}`, text]));
}
