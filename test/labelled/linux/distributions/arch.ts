import type { Distribution } from '../linux-system.ts';
import { grubHead, grubSearch } from './grub-parts.ts';

/** Arch: names without a version, microcode as an image of its own, and a fallback for every machine. */
export const arch: Distribution = {
  identity: {
    '/etc/os-release': `NAME="Arch Linux"
PRETTY_NAME="Arch Linux"
ID=arch
BUILD_ID=rolling
HOME_URL="https://archlinux.org/"
`,
  },
  kernelName: () => 'vmlinuz-linux',
  initramfsName: () => 'initramfs-linux.img',
  grubFolder: 'grub',
  menuFiles: ({ entries: [first], bootUuid }) => ({
    'grub/grub.cfg': `${grubHead('0')}
### BEGIN /etc/grub.d/10_linux ###
menuentry 'Arch Linux' --class arch --class gnu-linux --class gnu --class os $menuentry_id_option 'gnulinux-simple-${bootUuid}' {
	set gfxpayload=keep
	insmod gzio
${grubSearch(bootUuid)}
	echo	'Loading Linux linux ...'
	linux	${first.kernel} ${first.args}
	echo	'Loading initial ramdisk ...'
	initrd	/boot/intel-ucode.img ${first.initramfs}
}
### END /etc/grub.d/10_linux ###
`,
  }),
};
