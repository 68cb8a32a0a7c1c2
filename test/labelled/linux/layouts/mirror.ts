import { join } from 'node:path';
import { assembleDisk } from '../../partitioned-disk.ts';
import { makeExt4Volume } from '../ext4-volume.ts';
import { type Layout, UUIDS } from '../layout.ts';
import { storageProgram } from '../storage-programs.ts';
import { copyWithData, storageSizesMiB } from '../storage-volumes.ts';
import { assembleWithBoot, makeBootPartition } from './partitioned.ts';

/** What mkfs gets: a member begins with its superblock. */
const ROOT_SIZE_MIB = storageSizesMiB.raidMember - 8;

/**
 * The root on an md mirror of two disks; /boot is on the first one alone.
 * @param mdadmConf what stands in mdadm.conf, on the system and in the initramfs.
 */
export function mirror(mdadmConf: string): Layout {
  return {
    diskCount: 2,
    loaderBoot: '',
    bootUuid: UUIDS.boot,
    root: `UUID=${UUIDS.root}`,
    fstab: [`UUID=${UUIDS.root} / ext4 errors=remount-ro 0 1`, `UUID=${UUIDS.boot} /boot ext4 defaults 0 2`],
    initramfs: async () => ({
      moreDrivers: ['raid1'],
      moreEntries: await storageProgram('mdadm', 'modprobe -q raid1\nmdadm --assemble --scan >/dev/null 2>&1', {
        '/etc/mdadm/mdadm.conf': mdadmConf,
      }),
    }),
    async build(parts) {
      const { folder, contents, stock, disks } = parts;
      const [root, first, second] = ['root.ext4', 'first', 'second'].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ];
      const boot = await makeBootPartition(parts);
      await makeExt4Volume(root, { sizeMiB: ROOT_SIZE_MIB, uuid: UUIDS.root, label: 'testbed-root', contents });
      const { raidMembers } = await stock.storage();
      await copyWithData(raidMembers[0], first, root);
      await copyWithData(raidMembers[1], second, root);
      const member = { sizeMiB: storageSizesMiB.raidMember, type: 'fd' };
      await assembleWithBoot([boot, { image: first, ...member }], parts);
      await assembleDisk(disks[1] ?? '', [{ image: second, ...member }]);
    },
  };
}
