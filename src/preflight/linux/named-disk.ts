/** A place in a Linux system that looks for a disk by a name that changes. */
export interface NamedDisk {
  /** The file it stands in. */
  readonly file: string;
  /** The name. */
  readonly device: string;
  /** What it is for, e.g. "the root file system". */
  readonly purpose: string;
  /** Whether the system does not boot, or boots without a volume, once the name is gone. */
  readonly stopsBoot: boolean;
  /** How it stands there, where that tells what to write instead. */
  readonly entry?: NamingEntry;
}

type NamingEntry =
  /** A line of fstab or crypttab. */
  | { readonly kind: 'fields'; readonly fields: readonly string[]; readonly isInInitramfs: boolean }
  /** A kernel argument. */
  | { readonly kind: 'argument'; readonly name: string; readonly value: string }
  | { readonly kind: 'md search' | 'md parts' | 'lvm devices' | 'lvm filter' | 'zfs cache' | 'inside an initramfs' };
