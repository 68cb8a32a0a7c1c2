import type { InitramfsMaker } from './initramfs-maker.ts';
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

/**
 * Where a kernel finds a module: `missing` is one that it has on its root file system alone, `not built` one that it does
 * not come with, `blocked` one that it is told not to load, `too old` one that does not drive the disks of this machine type.
 */
export type ModulePlace = 'built in' | 'in the initramfs' | 'missing' | 'not built' | 'blocked' | 'too old';

/** One kernel that may boot, and where it would find the modules for a virtio disk. */
export interface KernelFacts {
  readonly version: string;
  readonly initramfs: string;
  /** What made the initramfs, where that shows. */
  readonly maker?: InitramfsMaker | undefined;
  /** Of the modules that a virtio disk takes: where each is. */
  readonly modules: ReadonlyMap<string, ModulePlace>;
}
