import { makeExt4Volume } from '../ext4-volume.ts';
import { type Layout, ROOT_SIZE_MIB, UUIDS } from '../layout.ts';

/** An ext4 file system from the disk's first sector to its last, without a partition table. */
export const wholeDisk: Layout = {
  loaderBoot: '/boot',
  bootUuid: UUIDS.root,
  root: `UUID=${UUIDS.root}`,
  fstab: [`UUID=${UUIDS.root} / ext4 errors=remount-ro 0 1`],
  async build({ disks: [disk], contents }) {
    await makeExt4Volume(disk, { sizeMiB: ROOT_SIZE_MIB, uuid: UUIDS.root, label: 'testbed-root', contents });
  },
};
