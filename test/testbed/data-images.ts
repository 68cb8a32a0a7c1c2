import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { type DiskFormat, makePartitionedDisk, publishImage } from './disk-image.ts';
import { writeFiles } from './root-files.ts';

export interface DataDiskRecipe {
  path: string;
  format: DiskFormat;
  fsUuid: string;
  /** At most 16 characters. */
  label: string;
  /** Files by absolute path within the file system. */
  files?: Record<string, string>;
  /** Default 16; give the disks of one guest different sizes to tell them apart. */
  sizeMiB?: number;
}

/** Build a disk with one ext4 partition, for a guest to mount by its UUID. It carries no boot loader. */
export async function buildDataDisk(recipe: DataDiskRecipe): Promise<void> {
  const { path, format, fsUuid, label, files = {}, sizeMiB = 16 } = recipe;
  const draft = `${path}.draft`;
  await withFiles(files, async (contents) => {
    await mkdir(dirname(path), { recursive: true });
    await makePartitionedDisk({ image: draft, sizeMiB, fsUuid, label, contents });
    await publishImage(draft, path, format);
  });
}

/** Build an ISO 9660 image with Rock Ridge names. */
export async function buildCdRom({ path, files }: { path: string; files: Record<string, string> }): Promise<void> {
  await withFiles(files, async (contents) => {
    await mkdir(dirname(path), { recursive: true });
    await execa('genisoimage', ['-quiet', '-rock', '-volid', 'TESTBED', '-output', path, contents]);
  });
}

async function withFiles(files: Record<string, string>, use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'virtioize-files-'));
  try {
    await writeFiles(folder, files);
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
