import { debianRelease } from '../../../testbed/root-files.ts';
import type { Distribution, Menu, MenuEntry } from '../linux-system.ts';
import { grubHead, grubSearch } from './grub-parts.ts';

/** Debian and Ubuntu: initramfs-tools, and a menu with the other kernels below `Advanced options`. */
function debianLike(name: string, osRelease: string, entryHead = ''): Distribution {
  return {
    identity: { '/etc/os-release': osRelease },
    kernelName: (version) => `vmlinuz-${version}`,
    initramfsName: (version) => `initrd.img-${version}`,
    grubFolder: 'grub',
    menuFiles: (menu) => ({ 'grub/grub.cfg': grubConfig(name, menu, entryHead) }),
  };
}

export const debian = debianLike('Debian GNU/Linux', debianRelease);

export const ubuntu = debianLike(
  'Ubuntu',
  `PRETTY_NAME="Ubuntu 22.04.4 LTS"
NAME="Ubuntu"
VERSION_ID="22.04"
VERSION="22.04.4 LTS (Jammy Jellyfish)"
VERSION_CODENAME=jammy
ID=ubuntu
ID_LIKE=debian
HOME_URL="https://www.ubuntu.com/"
`,
  '\trecordfail\n\tload_video\n\tgfxmode $linux_gfx_mode\n',
);

const ubuntuFunctions = `function recordfail {
  set recordfail=1
  if [ -n "\${have_grubenv}" ]; then if [ -z "\${boot_once}" ]; then save_env recordfail; fi; fi
}
function load_video {
  true
}
function gfxmode {
	set gfxpayload="\${1}"
}
`;

function grubConfig(name: string, { entries, chosen, bootUuid }: Menu, entryHead: string): string {
  const idOf = ({ version }: MenuEntry): string => `gnulinux-${version}-advanced-${bootUuid}`;
  const advanced = `gnulinux-advanced-${bootUuid}`;
  const wanted = chosen === entries[0] ? '0' : `${advanced}>${idOf(chosen)}`;
  const body = (entry: MenuEntry): string => `${entryHead}	insmod gzio
	if [ x$grub_platform = xxen ]; then insmod xzio; insmod lzopio; fi
${grubSearch(bootUuid)}
	echo	'Loading Linux ${entry.version} ...'
	linux	${entry.kernel} ${entry.args}
	echo	'Loading initial ramdisk ...'
	initrd	${entry.initramfs}
}`;
  const classes = '--class gnu-linux --class gnu --class os $menuentry_id_option';
  const others = entries.map(
    (entry) => `	menuentry '${name}, with Linux ${entry.version}' ${classes} '${idOf(entry)}' {\n${body(entry)}`,
  );
  return `${grubHead(wanted)}
### BEGIN /etc/grub.d/10_linux ###
${entryHead === '' ? '' : ubuntuFunctions}
menuentry '${name}' ${classes} 'gnulinux-simple-${bootUuid}' {
${body(entries[0])}
submenu 'Advanced options for ${name}' $menuentry_id_option '${advanced}' {
${others.join('\n')}
}
### END /etc/grub.d/10_linux ###
`;
}
