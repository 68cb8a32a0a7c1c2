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
  /** What to do instead of naming it by UUID. */
  readonly remedy?: string;
}
