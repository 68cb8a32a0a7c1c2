import type { Distribution } from '../linux-system.ts';
import { grubHead } from './grub-parts.ts';

/** SUSE: its root is the default subvolume of a btrfs, and its GRUB takes paths from there, as no other does. */
export const suse: Distribution = {
  identity: {
    '/etc/os-release': `NAME="SLES"
VERSION="15-SP5"
VERSION_ID="15.5"
PRETTY_NAME="SUSE Linux Enterprise Server 15 SP5"
ID="sles"
ID_LIKE="suse"
CPE_NAME="cpe:/o:suse:sles:15:sp5"
`,
  },
  kernelName: (version) => `vmlinuz-${version}`,
  initramfsName: (version) => `initrd-${version}`,
  menuFiles: ({ entries: [first], bootUuid }) => ({
    'grub2/grub.cfg': `${grubHead('0')}
### BEGIN /etc/grub.d/10_linux ###
set btrfs_relative_path="yes"
export btrfs_relative_path
menuentry 'SLES 15-SP5'  --class sles --class gnu-linux --class gnu --class os $menuentry_id_option 'gnulinux-simple-${bootUuid}' {
	set gfxpayload=keep
	insmod gzio
	insmod part_msdos
	insmod btrfs
	search --no-floppy --fs-uuid --set=root ${bootUuid}
	echo	'Loading Linux ${first.version} ...'
	linux	${first.kernel} ${first.args}
	echo	'Loading initial ramdisk ...'
	initrd	${first.initramfs}
}
### END /etc/grub.d/10_linux ###
`,
  }),
};
