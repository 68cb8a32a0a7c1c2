import { grubHead } from '../../../labelled/linux/distributions/grub-parts.ts';

/** What `00_header` of grub-mkconfig writes for a GRUB_DEFAULT: a number, a name, or `saved`. */
export function grubHeader(grubDefault: string): string {
  const wanted = grubDefault === 'saved' ? `\${saved_entry}` : grubDefault;
  return `${grubHead(wanted)}
if [ "\${prev_saved_entry}" ]; then
  set saved_entry="\${prev_saved_entry}"
  save_env saved_entry
  set prev_saved_entry=
  save_env prev_saved_entry
  set boot_once=true
fi

function savedefault {
  if [ -z "\${boot_once}" ]; then
    saved_entry="\${chosen}"
    save_env saved_entry
  fi
}
function load_video {
  if [ x$feature_all_video_module = xy ]; then
    insmod all_video
  else
    insmod vga
  fi
}
function recordfail {
  set recordfail=1
  if [ -n "\${have_grubenv}" ]; then if [ -z "\${boot_once}" ]; then save_env recordfail; fi; fi
}
`;
}

/** A grubenv as grub-editenv writes it: 1024 bytes. */
export function grubEnvironment(variables: Readonly<Record<string, string>>): string {
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
  return `# GRUB Environment Block\n${lines.join('')}`.padEnd(1024, '#');
}

/** Fedora's and RHEL's header: the saved entry, and `08_fallback_counting`. */
export const fedoraHeader = `${grubHeader('saved')}
insmod increment
# Check if boot_counter exists and boot_success=0 to activate this behaviour.
if [ -n "\${boot_counter}" -a "\${boot_success}" = "0" ]; then
  # if countdown has ended, choose to boot rollback deployment
  if  [ "\${boot_counter}" = "0" -o "\${boot_counter}" = "-1" ]; then
    set default=1
    set boot_counter=-1
  # otherwise decrement boot_counter
  else
    decrement boot_counter
  fi
  save_env boot_counter
fi
`;

/** An entry as `10_linux` writes it, for a kernel at the top of its own file system. */
export function grubEntry(title: string, id: string, version: string, args = 'root=UUID=5f2c ro'): string {
  return entryAt(`/vmlinuz-${version}`, `/initrd.img-${version}`, { title, id, args });
}

/** An entry for any paths. */
export function entryAt(
  kernel: string,
  initramfs: string,
  { title = 'Linux', id = 'linux', args = 'root=UUID=5f2c ro' } = {},
): string {
  return `menuentry '${title}' --class gnu-linux --class os $menuentry_id_option '${id}' {
\tload_video
\tinsmod gzio
\tif [ x$feature_platform_search_hint = xy ]; then
\t  search --no-floppy --fs-uuid --set=root --hint-bios=hd0,msdos1 5f2c
\telse
\t  search --no-floppy --fs-uuid --set=root 5f2c
\tfi
\techo\t'Loading Linux ...'
\tlinux\t${kernel} ${args}
\techo\t'Loading initial ramdisk ...'
\tinitrd\t${initramfs}
}
`;
}

/** A whole grub.cfg of Debian, with kernels in `folder`, newest first. */
export function debianGrub(
  versions: readonly string[],
  { folder = '', wanted = '0', args = 'root=UUID=5f2c ro quiet' } = {},
): string {
  const entry = (title: string, id: string, version: string, more = ''): string =>
    entryAt(`${folder}/vmlinuz-${version}`, `${folder}/initrd.img-${version}`, { title, id, args: args + more });
  const advanced = versions.flatMap((version) => [
    entry(`Debian GNU/Linux, with Linux ${version}`, `gnulinux-${version}-advanced`, version),
    entry(
      `Debian GNU/Linux, with Linux ${version} (recovery mode)`,
      `gnulinux-${version}-recovery`,
      version,
      ' single',
    ),
  ]);
  return `${grubHeader(wanted)}
${entry('Debian GNU/Linux', 'gnulinux-simple', versions[0] ?? '')}
submenu 'Advanced options for Debian GNU/Linux' $menuentry_id_option 'gnulinux-advanced' {
${advanced.join('')}}
### BEGIN /etc/grub.d/30_uefi-firmware ###
if [ "$grub_platform" = "efi" ]; then
	menuentry 'UEFI Firmware Settings' $menuentry_id_option 'uefi-firmware' {
		fwsetup
	}
fi
### BEGIN /etc/grub.d/41_custom ###
if [ -f  \${config_directory}/custom.cfg ]; then
  source \${config_directory}/custom.cfg
elif [ -z "\${config_directory}" -a -f  $prefix/custom.cfg ]; then
  source $prefix/custom.cfg
fi
`;
}
