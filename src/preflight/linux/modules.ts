/** What a kernel needs for a virtio disk on PCI. */
export const DRIVERS = ['virtio_blk', 'virtio_pci'];

/** More than any driver has ever needed. */
const MAX_DEPENDENCIES = 64;

/** A module's name by its file: the kernel takes `-` and `_` for the same. Undefined for any other file. */
export function moduleNameOf(path: string): string | undefined {
  const file = path.slice(path.lastIndexOf('/') + 1);
  const name = /^([\w-]{1,64})\.ko(?:\.(?:gz|xz|zst))?$/.exec(file)?.[1];
  return name?.replaceAll('-', '_');
}

/** The modules of a `modules.builtin`. */
export function builtInModules(list: string): Set<string> {
  return new Set(list.split('\n').flatMap((line) => moduleNameOf(line.trim()) ?? []));
}

/** What each driver needs according to a `modules.dep`; no key for a driver that it does not list, or not in reason. */
export function readDependencies(text: string): Map<string, string[]> {
  const needed = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    const module = moduleNameOf(line.slice(0, Math.max(colon, 0)));
    if (module === undefined || !DRIVERS.includes(module)) continue;
    const names = line
      .slice(colon + 1)
      .split(/\s+/)
      .flatMap((path) => moduleNameOf(path) ?? []);
    if (names.length <= MAX_DEPENDENCIES) needed.set(module, names);
  }
  return needed;
}

/** The kernel's settings that make these modules; virtio_ring comes with virtio in any but the oldest kernels. */
const SETTINGS: ReadonlyMap<string, readonly string[]> = new Map([
  ['CONFIG_VIRTIO_BLK', ['virtio_blk']],
  ['CONFIG_VIRTIO_PCI', ['virtio_pci']],
  ['CONFIG_VIRTIO', ['virtio', 'virtio_ring']],
  ['CONFIG_VIRTIO_RING', ['virtio_ring']],
  ['CONFIG_VIRTIO_PCI_LIB', ['virtio_pci_modern_dev']],
  ['CONFIG_VIRTIO_PCI_LIB_LEGACY', ['virtio_pci_legacy_dev']],
]);

/** What a kernel's configuration (`/boot/config-VERSION`) says is built in, as a `modules.builtin` would list it. */
export function builtInByConfig(config: string): string {
  const names = config.split('\n').flatMap((line) => {
    const [setting = '', value] = line.split('=');
    return value?.trim() === 'y' ? (SETTINGS.get(setting) ?? []) : [];
  });
  return names.map((name) => `${name}.ko\n`).join('');
}

/**
 * The modules that a kernel's command line and modprobe's configuration keep from being loaded (modprobe.d(5),
 * dracut.cmdline(7), initramfs-tools(7), mkinitcpio(8)).
 * @param configuration texts of `modprobe.d` files.
 */
export function blockedModules(args: string, configuration: readonly string[]): Set<string> {
  const lists = args.matchAll(
    /(?:^|\s)(?:module_blacklist|(?:modprobe\.)?blacklist|rd\.driver\.blacklist|rdblacklist|disablemodules)=(\S+)/g,
  );
  const byArgument = [...lists].flatMap(([, list = '']) => list.split(','));
  const byFile = configuration
    .flatMap((text) => text.split('\n'))
    .map((line) => /^\s{0,9}(?:blacklist\s+(\S+)|install\s+(\S+)\s+(?:\/usr)?\/bin\/(?:true|false))/.exec(line))
    .flatMap((match) => match?.[1] ?? match?.[2] ?? []);
  return new Set([...byArgument, ...byFile].map((name) => name.replaceAll('-', '_')));
}
