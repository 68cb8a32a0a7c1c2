import type { NamedDisk } from './device-names.ts';

/** What a Linux system would boot with, and how it finds its disks. Where it was read from does not matter. */
export interface LinuxFacts {
  readonly kernels: readonly KernelFacts[];
  /** Whether `kernels` is the one entry that boots by default; else any of them may. */
  readonly isDefaultKnown: boolean;
  readonly namedDisks: readonly NamedDisk[];
  /** Files that matter and could not be read, with the reason. */
  readonly unreadable: readonly string[];
}

/** One kernel that may boot, and where it would find the modules for a virtio disk. */
export interface KernelFacts {
  /** Its version, or the name of its boot entry where that does not tell. */
  readonly version: string;
  readonly initramfs: string;
  /** Of the modules that a virtio disk takes: where each is. */
  readonly modules: ReadonlyMap<string, 'built in' | 'in the initramfs' | 'missing'>;
}
