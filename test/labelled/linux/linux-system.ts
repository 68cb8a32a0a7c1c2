import type { InitramfsOptions } from '../../testbed/initramfs.ts';

/** A kernel that is installed, with its initramfs. */
export interface InstalledKernel {
  /** Default: the one that really boots. Any other is a stub, which no loader here ever starts. */
  readonly version?: string;
  /** Whether its initramfs holds virtio_blk. */
  readonly virtioBlk: boolean;
  /** Whether modules.builtin lists what a virtio disk takes. It says so only: the kernel is the same. */
  readonly isBuiltIn?: boolean;
  readonly initramfs?: Partial<Omit<InitramfsOptions, 'kernel' | 'busybox' | 'virtioBlk'>>;
}

/** A Linux installation: what is usual follows from its distribution, what is told is what a test is about. */
export interface LinuxSystem {
  readonly distribution: Distribution;
  /** Newest first, as menus have them. */
  readonly kernels: readonly [InstalledKernel, ...InstalledKernel[]];
  /** Which of them the boot loader starts; default the first. */
  readonly chosen?: number;
  /** What `root=` says; default the file system's UUID. Empty: nothing. */
  readonly root?: string;
  /** More kernel arguments. */
  readonly args?: string;
  /** Lines of fstab beside those of the layout. */
  readonly fstab?: readonly string[];
  /** More files by absolute path; they win over the usual ones. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
}

/** Where a distribution puts what boots it. */
export interface Distribution {
  /** /etc/os-release, and on Red Hat's /etc/redhat-release. */
  readonly identity: Readonly<Record<string, string>>;
  /** Names in /boot. */
  readonly kernelName: (version: string) => string;
  readonly initramfsName: (version: string) => string;
  /** The boot loader's files, by path below /boot. */
  readonly menuFiles: (menu: Menu) => Record<string, string>;
  /** GRUB's folder below /boot, where it is one that GRUB can be started with here. */
  readonly grubFolder?: 'grub' | 'grub2';
}

/** What a boot menu shall offer. Paths are as the boot loader sees them. */
export interface Menu {
  /** Newest first. */
  readonly entries: readonly [MenuEntry, ...MenuEntry[]];
  /** The one that it starts by itself. */
  readonly chosen: MenuEntry;
  /** The UUID of the file system with /boot. */
  readonly bootUuid: string;
}

export interface MenuEntry {
  readonly version: string;
  readonly kernel: string;
  readonly initramfs: string;
  readonly args: string;
}
