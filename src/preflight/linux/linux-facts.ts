import type { NamedDisk } from './named-disk.ts';

/** What a Linux system would boot with, and how it finds its disks. Where it was read from does not matter. */
export interface LinuxFacts {
  readonly kernels: readonly KernelFacts[];
  /** Whether `kernels` is the one entry that boots by default; else any of them may. */
  readonly isDefaultKnown: boolean;
  readonly namedDisks: readonly NamedDisk[];
  /** What could not be read of how it boots, with the reason. */
  readonly unreadable: readonly string[];
  /** Files that may name a disk needed to boot and could not be read, with the reason. */
  readonly unreadableNames: readonly string[];
}

/** Where a kernel finds a module; `blocked` is one that it is told not to load. */
export type ModulePlace = 'built in' | 'in the initramfs' | 'missing' | 'blocked';

/** One kernel that may boot, and where it would find the modules for a virtio disk. */
export interface KernelFacts {
  readonly version: string;
  readonly initramfs: string;
  /** Of the modules that a virtio disk takes: where each is. */
  readonly modules: ReadonlyMap<string, ModulePlace>;
}
