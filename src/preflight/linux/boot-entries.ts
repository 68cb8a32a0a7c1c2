/** What a boot loader would start: a kernel, its initramfs images and its command line. Paths as the loader sees them. */
export interface BootEntry {
  /** How the loader's configuration calls it. */
  readonly id: string;
  /** Empty where the entry starts something else than a Linux kernel. */
  readonly kernel: string;
  readonly initramfs: readonly string[];
  readonly args: string;
}

/** A boot loader's configuration. */
export interface BootMenu {
  readonly entries: readonly BootEntry[];
  /** What it starts by itself: one entry, or one of several, or none where that can't be told. */
  readonly defaults: readonly BootEntry[];
}

/** A path as GRUB may write it, without the disk in front: `(hd0,0)/vmlinuz` or `($root)/vmlinuz`. */
export function withoutDrive(path: string): string {
  return path.replace(/^\([^)]*\)/, '');
}
