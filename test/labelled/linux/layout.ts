import type { InitramfsOptions } from '../../testbed/initramfs.ts';
import type { LinuxStock } from './linux-stock.ts';

/** The file systems' UUIDs: every build makes the same guests. */
export const UUIDS = {
  root: '7e57bed0-0000-4000-8000-000000000001',
  boot: '7e57bed0-0000-4000-8000-000000000002',
  data: '7e57bed0-0000-4000-8000-000000000003',
  otherRoot: '7e57bed0-0000-4000-8000-000000000004',
} as const;

export const ROOT_SIZE_MIB = 64;

/** How a system lies on its disks. */
export interface Layout {
  /** Where /boot is, as the boot loader sees it. */
  readonly loaderBoot: string;
  /** The UUID of the file system with /boot. */
  readonly bootUuid: string;
  /** What `root=` says unless the system has it otherwise. */
  readonly root: string;
  readonly args?: string;
  readonly fstab: readonly string[];
  /** What the initramfs takes to find such a root. */
  readonly initramfs?: () => Promise<Pick<InitramfsOptions, 'moreDrivers' | 'moreEntries'>>;
  /** How many disks it takes; default one. */
  readonly diskCount?: number;
  /** Make the disks (raw), the one to boot from first. */
  readonly build: (parts: LayoutParts) => Promise<void>;
}

export interface LayoutParts {
  /** The files to make. */
  readonly disks: readonly [string, ...string[]];
  /** For drafts; removed afterwards. */
  readonly folder: string;
  /** The whole system, /boot included. */
  readonly contents: string;
  readonly stock: LinuxStock;
  /** GRUB's folder below /boot; undefined where it is not started by a GRUB of ours. */
  readonly grubFolder: string | undefined;
}
