import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type DiskFormat, makePartitionedDisk, partitionStartSector, publishImage } from './disk-image.ts';
import { installGrub } from './grub.ts';
import { guestKernel } from './guest-kernel.ts';
import { buildInitramfs } from './initramfs.ts';
import type { GuestKernel } from './kernel-files.ts';
import { writeRootFiles } from './root-files.ts';

const busybox = '/bin/busybox';
const rootSizeMiB = 64;

/** The root file system's UUID where the recipe chooses none: every build then makes the same guest. */
const defaultRootUuid = '7e57bed0-0000-4000-8000-000000000001';

/** What a test guest shall be able to do, and what it shall get wrong. */
export interface GuestRecipe {
  /** The disk image to make; an existing one is replaced. */
  path: string;
  format: DiskFormat;
  /** Default: the small one of the testbed. */
  kernel?: GuestKernel;
  /** Whether the initramfs holds virtio_blk. The root file system holds it in any case. */
  virtioBlk: boolean;
  /** The kernel's `root=`; default `UUID=<rootUuid>`. `/dev/sda1` makes a guest that does not survive a new name. */
  root?: string;
  rootUuid?: string;
  /** Further lines of /etc/fstab. Mount points are made; a line for `/` replaces the usual one. */
  fstab?: string[];
  /** Whether qemu-ga runs. The machine needs the channel `org.qemu.guest_agent.0` as well. */
  agent: boolean;
  /** The agent's commands that are forbidden, as `--block-rpcs` has them. */
  agentBlockedRpcs?: string[];
  /** Whether the power button shuts the guest down; default true. */
  acpid?: boolean;
  /** Whether the guest writes to its root disk every second for ever. */
  writer?: boolean;
  /** Whether GRUB writes to the disk at each boot, before any system runs. */
  grubSavesEnvironment?: boolean;
  initramfsCompression?: 'gzip' | 'zstd';
  /** Called with the finished root as a folder: for what is no plain file. */
  alterRoot?: (root: string, initramfs: string) => Promise<void>;
  /** Files by absolute path; they win over the system's own. Those that begin with `#!` are executable. */
  extraFiles?: Record<string, string | Buffer>;
  /** More arguments for the kernel. `rootdelay=3` shortens the 10 s that the initramfs waits for its root. */
  kernelArgs?: string;
}

/**
 * Build a small Debian-like guest that boots by GRUB from an MBR disk with one ext4 partition labelled `testbed-root`.
 *
 * Once up, it prints to its first serial port `TESTBED disk <name> size=<sectors> mounts=<mount points>` for every block
 * device and then `TESTBED booted`; an initramfs that does not find its root prints `ROOT NOT FOUND` instead and waits.
 * Needs no root privileges; the first build on a machine builds the kernel and downloads the agent.
 */
export async function buildGuestImage(recipe: GuestRecipe): Promise<void> {
  const { virtioBlk, rootUuid = defaultRootUuid, initramfsCompression: compression = 'gzip' } = recipe;
  const kernel = recipe.kernel ?? (await guestKernel());
  const initramfs = await buildInitramfs({ kernel, busybox, virtioBlk, compression });
  await mkdir(dirname(recipe.path), { recursive: true });
  const folder = await mkdtemp(join(tmpdir(), 'virtioize-guest-'));
  const draft = `${recipe.path}.draft`;
  try {
    await writeRootFiles(folder, { recipe, rootUuid, kernel, busybox, initramfs });
    await recipe.alterRoot?.(folder, join(folder, `boot/initrd.img-${kernel.version}`));
    const volume = { image: draft, sizeMiB: rootSizeMiB, fsUuid: rootUuid, label: 'testbed-root', contents: folder };
    await makePartitionedDisk(volume);
    await installGrub(draft, rootUuid, partitionStartSector);
    await publishImage(draft, recipe.path, recipe.format);
  } finally {
    await rm(folder, { recursive: true });
    await rm(draft, { force: true });
  }
}
