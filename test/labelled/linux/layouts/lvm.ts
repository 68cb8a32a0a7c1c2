import { join } from 'node:path';
import { makeExt4Volume } from '../ext4-volume.ts';
import { type Layout, UUIDS } from '../layout.ts';
import { storageProgram } from '../storage-programs.ts';
import { copyWithData, storageSizesMiB, VOLUME_GROUP } from '../storage-volumes.ts';
import { assembleWithBoot, makeBootPartition } from './partitioned.ts';

const ROOT = `/dev/mapper/${VOLUME_GROUP}-root`;

/**
 * The root on LVM, as Red Hat's installer makes it.
 * @param devicesFile LVM's list of the disks that it may use; without one it uses all.
 */
export function lvm(devicesFile?: string): Layout {
  const configuration = {
    '/etc/lvm/lvm.conf': `devices { obtain_device_list_from_udev=0 use_devicesfile=${devicesFile ? 1 : 0} }
activation { udev_sync=0 udev_rules=0 }
backup { backup=0 archive=0 }
`,
    ...(devicesFile === undefined ? {} : { '/etc/lvm/devices/system.devices': devicesFile }),
  };
  return {
    loaderBoot: '',
    bootUuid: UUIDS.boot,
    root: ROOT,
    args: `rd.lvm.lv=${VOLUME_GROUP}/root`,
    fstab: [`${ROOT} / ext4 defaults 0 0`, `UUID=${UUIDS.boot} /boot ext4 defaults 0 0`],
    initramfs: async () => ({
      moreDrivers: ['dm_mod'],
      moreEntries: await storageProgram(
        'lvm',
        'modprobe -q dm_mod\nlvm vgchange --activate y --sysinit >/dev/null 2>&1\nlvm vgmknodes >/dev/null 2>&1',
        configuration,
      ),
    }),
    async build(parts) {
      const { folder, contents, stock } = parts;
      const [root, volume] = [join(folder, 'root.ext4'), join(folder, 'lvm.pv')];
      const boot = await makeBootPartition(parts);
      const sizeMiB = storageSizesMiB.logicalVolume;
      await makeExt4Volume(root, { sizeMiB, uuid: UUIDS.root, label: 'testbed-root', contents });
      await copyWithData((await stock.storage()).physicalVolume, volume, root);
      const partition = { image: volume, sizeMiB: storageSizesMiB.physicalVolume, type: '8e' };
      await assembleWithBoot([boot, partition], parts);
    },
  };
}
