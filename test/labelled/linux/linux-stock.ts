import { readFile } from 'node:fs/promises';
import { guestKernel } from '../../testbed/guest-kernel.ts';
import { buildInitramfs, type InitramfsOptions } from '../../testbed/initramfs.ts';
import type { GuestKernel } from '../../testbed/kernel-files.ts';
import { makeStorageVolumes, type StorageVolumes } from './storage-volumes.ts';

const busybox = '/bin/busybox';

/** What all guests with Linux are built from. */
export interface LinuxStock {
  readonly kernel: GuestKernel;
  readonly kernelImage: Buffer;
  readonly busybox: string;
  /** Made once, when the first guest wants it: it takes an appliance. */
  storage(): Promise<StorageVolumes>;
  /** An initramfs for the kernel, made once for all that want the same. */
  initramfs(options: Omit<InitramfsOptions, 'kernel' | 'busybox'>): Promise<Buffer>;
}

export async function makeLinuxStock(folder: string): Promise<LinuxStock> {
  const kernel = await guestKernel();
  const made = new Map<string, Promise<Buffer>>();
  let storage: Promise<StorageVolumes> | undefined;
  return {
    kernel,
    kernelImage: await readFile(kernel.image),
    busybox,
    storage() {
      storage ??= makeStorageVolumes(folder);
      return storage;
    },
    initramfs(options) {
      const build = (): Promise<Buffer> =>
        buildInitramfs({ ...options, busybox, kernel: { ...kernel, modulesFolder: kernel.storageModulesFolder } });
      if (options.moreEntries?.length) return build(); // nobody else wants it
      const key = JSON.stringify(options);
      const initramfs = made.get(key) ?? build();
      made.set(key, initramfs);
      return initramfs;
    },
  };
}
