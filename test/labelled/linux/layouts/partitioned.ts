import { mkdir, mkdtemp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { makeSparseFile, partitionStartSector } from '../../../testbed/disk-image.ts';
import { installGrub } from '../../../testbed/grub.ts';
import { assembleDisk, type Partition } from '../../partitioned-disk.ts';
import { makeExt4Volume } from '../ext4-volume.ts';
import { type Layout, type LayoutParts, ROOT_SIZE_MIB, UUIDS } from '../layout.ts';
import { makeLuksVolume } from '../luks-volume.ts';

const BOOT_SIZE_MIB = 32;
const MORE_SIZE_MIB = 8;

export type MorePartition = 'data' | 'swap' | 'encrypted';

/** One ext4 partition with everything; more partitions may follow. */
export function onePartition({
  more = [],
  rootUuid = UUIDS.root,
}: {
  readonly more?: readonly MorePartition[];
  readonly rootUuid?: string;
} = {}): Layout {
  return {
    loaderBoot: '/boot',
    bootUuid: rootUuid,
    root: `UUID=${rootUuid}`,
    fstab: [`UUID=${rootUuid} / ext4 errors=remount-ro 0 1`],
    async build({ disks: [disk], folder, contents, grubFolder }) {
      const root = join(folder, 'root.ext4');
      await makeExt4Volume(root, { sizeMiB: ROOT_SIZE_MIB, uuid: rootUuid, label: 'testbed-root', contents });
      const partitions: Partition[] = [{ image: root, sizeMiB: ROOT_SIZE_MIB, type: '83', isBootable: true }];
      for (const [index, kind] of more.entries()) partitions.push(await makeMore(join(folder, `more-${index}`), kind));
      await assembleDisk(disk, partitions);
      if (grubFolder !== undefined) await installGrub(disk, rootUuid, partitionStartSector, `/boot/${grubFolder}`);
    },
  };
}

/** /boot on a partition of its own, as Red Hat has it: the boot loader then sees no `/boot`. */
export const ownBoot: Layout = {
  loaderBoot: '',
  bootUuid: UUIDS.boot,
  root: `UUID=${UUIDS.root}`,
  fstab: [`UUID=${UUIDS.root} / ext4 defaults 1 1`, `UUID=${UUIDS.boot} /boot ext4 defaults 1 2`],
  async build(parts) {
    const boot = await makeBootPartition(parts);
    const root = join(parts.folder, 'root.ext4');
    await makeExt4Volume(root, {
      sizeMiB: ROOT_SIZE_MIB,
      uuid: UUIDS.root,
      label: 'testbed-root',
      contents: parts.contents,
    });
    await assembleWithBoot([boot, { image: root, sizeMiB: ROOT_SIZE_MIB, type: '83' }], parts);
  },
};

/** Put what is in /boot on a partition, and leave the folder empty. */
export async function makeBootPartition({ folder, contents }: LayoutParts): Promise<Partition> {
  const image = join(folder, 'boot.ext4');
  const taken = join(folder, 'boot');
  await rename(join(contents, 'boot'), taken);
  await mkdir(join(contents, 'boot'));
  await makeExt4Volume(image, { sizeMiB: BOOT_SIZE_MIB, uuid: UUIDS.boot, label: 'boot', contents: taken });
  return { image, sizeMiB: BOOT_SIZE_MIB, type: '83', isBootable: true };
}

/** Put partitions, /boot first, on the disk to boot from. */
export async function assembleWithBoot(
  partitions: readonly Partition[],
  { disks: [disk], grubFolder }: LayoutParts,
): Promise<void> {
  await assembleDisk(disk, partitions);
  if (grubFolder !== undefined) await installGrub(disk, UUIDS.boot, partitionStartSector, `/${grubFolder}`);
}

/** A small partition with a file system, or for swap. */
export async function makeMore(image: string, kind: MorePartition): Promise<Partition> {
  if (kind === 'data') {
    const contents = await mkdtemp(`${image}.contents-`);
    await makeExt4Volume(image, { sizeMiB: MORE_SIZE_MIB, uuid: UUIDS.data, label: 'data', contents });
    return { image, sizeMiB: MORE_SIZE_MIB, type: '83' };
  }
  if (kind === 'encrypted') {
    await makeLuksVolume(image, MORE_SIZE_MIB);
    return { image, sizeMiB: MORE_SIZE_MIB, type: '83' };
  }
  await makeSparseFile(image, MORE_SIZE_MIB * 1024 * 1024);
  await execa('mkswap', ['--quiet', image]);
  return { image, sizeMiB: MORE_SIZE_MIB, type: '82' };
}
