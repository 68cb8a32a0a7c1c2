import { open, rename, rm } from 'node:fs/promises';
import { execa } from 'execa';

export type DiskFormat = 'raw' | 'qcow2';

/** Where the only partition of a testbed disk begins: 1 MiB, as every partitioning program of today has it. */
export const partitionStartSector = 2048;

export interface Ext4Volume {
  /** The raw image to make. */
  image: string;
  sizeMiB: number;
  fsUuid: string;
  label: string;
  /** The folder whose files the file system begins with. */
  contents: string;
}

/** Make a raw disk with an MBR and one bootable Linux partition that holds the ext4 volume. No loop device, no mount. */
export async function makePartitionedDisk(volume: Ext4Volume): Promise<void> {
  await makeSparseFile(volume.image, (volume.sizeMiB + 1) * 1024 * 1024);
  const table = `label: dos\nstart=${partitionStartSector}, type=83, bootable\n`;
  await execa('sfdisk', ['--quiet', volume.image], { input: table });
  await makeExt4(volume, partitionStartSector * 512);
}

/** Make a file of one hole. */
export async function makeSparseFile(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.truncate(bytes);
  } finally {
    await file.close();
  }
}

/** Fill part of an image that is there with an ext4 file system. */
export async function makeExt4(volume: Ext4Volume, offsetBytes: number): Promise<void> {
  const { image, sizeMiB, fsUuid, label, contents } = volume;
  const names = ['-U', fsUuid, '-L', label];
  // Nothing is left for the guest's kernel to initialise: a test that watches for writes then sees only the guest's own.
  // Blocks of 4 KiB instead of the 1 KiB that mkfs chooses for so small a file system: the BIOS reads the kernel in 1 s less.
  const layout = ['-b', '4096', '-E', `offset=${offsetBytes},lazy_itable_init=0,lazy_journal_init=0,nodiscard`];
  await execa('mkfs.ext4', ['-q', '-F', ...names, ...layout, '-d', contents, image, `${sizeMiB}M`]);
}

/** Give a finished raw image its final format and name; nothing half-made ever stands under that name. */
export async function publishImage(rawDraft: string, path: string, format: DiskFormat): Promise<void> {
  if (format === 'raw') return rename(rawDraft, path);
  const draft = `${rawDraft}.qcow2`;
  try {
    await execa('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', rawDraft, draft]);
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
    await rm(rawDraft, { force: true });
  }
}
