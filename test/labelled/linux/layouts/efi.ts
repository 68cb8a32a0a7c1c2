import { join } from 'node:path';
import { makeEfiProgram } from '../../../testbed/grub.ts';
import { makeEspVolume } from '../../esp-volume.ts';
import { assembleDisk } from '../../partitioned-disk.ts';
import { makeExt4Volume } from '../ext4-volume.ts';
import { type Layout, ROOT_SIZE_MIB, UUIDS } from '../layout.ts';

const ROOT_TYPE = '0FC63DAF-8483-4772-8E79-3D69D8477DE4';

/** The EFI system partition, as a boot entry names it. */
export const ESP = { number: 1, uuid: '7e57bed0-0000-4000-8000-0000000000e5', startMiB: 1, sizeMiB: 16 } as const;

/** What the firmware starts where no boot entry leads anywhere. */
export const FALLBACK = '/EFI/BOOT/BOOTX64.EFI';
export const VENDOR_FILE = '/EFI/debian/grubx64.efi';

/**
 * A GPT with an EFI system partition and the root.
 * @param programs where GRUB is.
 */
export function efi(programs: readonly string[]): Layout {
  return {
    loaderBoot: '/boot',
    bootUuid: UUIDS.root,
    root: `UUID=${UUIDS.root}`,
    fstab: [`UUID=${UUIDS.root} / ext4 errors=remount-ro 0 1`, 'UUID=7E57-BED0 /boot/efi vfat umask=0077 0 1'],
    async build({ disks: [disk], folder, contents }) {
      const [esp, root] = [join(folder, 'esp.fat'), join(folder, 'root.ext4')];
      const grub = await makeEfiProgram(UUIDS.root);
      await makeEspVolume(esp, ESP.sizeMiB, {
        ...Object.fromEntries(programs.map((path) => [path, grub])),
        '/EFI/debian/grub.cfg': `search.fs_uuid ${UUIDS.root} root\nset prefix=($root)'/boot/grub'\nconfigfile $prefix/grub.cfg\n`,
      });
      await makeExt4Volume(root, { sizeMiB: ROOT_SIZE_MIB, uuid: UUIDS.root, label: 'testbed-root', contents });
      await assembleDisk(
        disk,
        [
          { image: esp, sizeMiB: ESP.sizeMiB, type: 'U', uuid: ESP.uuid },
          { image: root, sizeMiB: ROOT_SIZE_MIB, type: ROOT_TYPE },
        ],
        'gpt',
      );
    },
  };
}
