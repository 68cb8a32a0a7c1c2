import { join } from 'node:path';
import { execa } from 'execa';
import { makeSparseFile } from '../../../testbed/disk-image.ts';
import { runGuestfish } from '../../guestfish.ts';
import { assembleDisk } from '../../partitioned-disk.ts';
import { type Layout, UUIDS } from '../layout.ts';

const SIZE_MIB = 160;

/** Everything in the subvolume `@` of a btrfs, which is the one that is mounted by default, as SUSE has it. */
export const btrfs: Layout = {
  loaderBoot: '/boot',
  bootUuid: UUIDS.root,
  root: `UUID=${UUIDS.root}`,
  args: 'rootfstype=btrfs',
  fstab: [`UUID=${UUIDS.root} / btrfs defaults 0 0`],
  initramfs: async () => ({ moreDrivers: ['btrfs'] }),
  async build({ disks: [disk], folder, contents }) {
    const [archive, volume] = [join(folder, 'root.tar'), join(folder, 'root.btrfs')];
    await execa('tar', ['--create', '--owner=0', '--group=0', '--directory', contents, '--file', archive, '.']);
    await makeSparseFile(volume, SIZE_MIB * 1024 * 1024);
    await execa('mkfs.btrfs', ['--quiet', '--uuid', UUIDS.root, volume]);
    await runGuestfish(
      [volume],
      [
        'mount /dev/sda /',
        'btrfs-subvolume-create /@',
        `tar-in "${archive}" /@`,
        'btrfs-subvolume-set-default 256 /', // the first one that is made
      ],
    );
    await assembleDisk(disk, [{ image: volume, sizeMiB: SIZE_MIB, type: '83', isBootable: true }]);
  },
};
