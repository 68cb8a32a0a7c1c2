import { join } from 'node:path';
import { execa } from 'execa';
import { makeSparseFile } from '../../testbed/disk-image.ts';
import { runGuestfish } from '../guestfish.ts';

const MIB = 1024 * 1024;

export const VOLUME_GROUP = 'rl';
export const storageSizesMiB = { physicalVolume: 80, raidMember: 80, logicalVolume: 72 } as const;

/** Partitions that hold a volume without anything in it yet, for copies to be made of. */
export interface StorageVolumes {
  /** An LVM physical volume with the volume group `rl` and the logical volume `root`. */
  readonly physicalVolume: string;
  /** The two members of an md mirror. */
  readonly raidMembers: readonly [string, string];
}

/** Make the volumes, in libguestfs's appliance: the programs that make them take block devices. */
export async function makeStorageVolumes(folder: string): Promise<StorageVolumes> {
  const [physicalVolume, first, second] = ['lvm.pv', 'raid-1', 'raid-2'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await makeSparseFile(physicalVolume, storageSizesMiB.physicalVolume * MIB);
  for (const member of [first, second]) await makeSparseFile(member, storageSizesMiB.raidMember * MIB);
  await runGuestfish(
    [physicalVolume, first, second],
    [
      // the small kernel has no semaphores, by which LVM waits for udev to make a volume's device
      `debug sh "echo 'activation { udev_sync=0 udev_rules=0 }' >/tmp/lvm/lvm.conf"`,
      'pvcreate /dev/sda',
      `vgcreate ${VOLUME_GROUP} /dev/sda`,
      `lvcreate root ${VOLUME_GROUP} ${storageSizesMiB.logicalVolume}`,
      'md-create system "/dev/sdb /dev/sdc" level:raid1',
      'md-stop /dev/md127',
    ],
  );
  return { physicalVolume, raidMembers: [first, second] };
}

/** Copy a volume and put a file system's image into it. The data of both kinds begin after 1 MiB, as both tools choose it. */
export async function copyWithData(volume: string, path: string, image: string): Promise<void> {
  await execa('cp', ['--sparse=always', volume, path]);
  await execa('dd', [`if=${image}`, `of=${path}`, 'bs=64K', 'seek=16', 'conv=notrunc,sparse', 'status=none']);
}
