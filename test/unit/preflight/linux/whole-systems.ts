import { newcArchive } from '../../../testbed/newc-archive.ts';
import type { Content } from '../memory-files.ts';
import { debianGrub, entryAt, fedoraHeader, grubEnvironment, grubHeader } from './grub-texts.ts';
import { DEPENDENCIES, debianKernel, initramfs, kernelImage, modulesFolder } from './linux-system.ts';
import { compress, microcode, moduleEntries, plainImage, VIRTIO } from './make-initramfs.ts';

/** A whole system: its paths and what they hold. */
export type System = Record<string, Content>;

/** The modules of an initramfs that was made for SATA alone. */
export const WITHOUT = ['ahci', 'libata', 'sd_mod'];

export function debian(versions: readonly string[] = ['6.1.0-13-amd64']): System {
  return Object.assign(
    {
      '/boot/grub/grub.cfg': debianGrub(versions, { folder: '/boot' }),
      '/etc/fstab': '# / was on /dev/sda1 during installation\nUUID=5f2c / ext4 errors=remount-ro 0 1\n',
      '/etc/default/grub': 'GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX=""\n',
      '/etc/lvm/lvm.conf': 'devices {\n\t# filter = [ "a|.*|" ]\n}\n',
    },
    ...versions.map((version) => debianKernel(version)),
  );
}

export function debianWithOwnBoot(): System {
  return {
    ...debian(),
    '/boot/grub/grub.cfg': debianGrub(['6.1.0-13-amd64']),
    '/etc/fstab': 'UUID=5f2c / ext4 defaults 0 1\nUUID=9e77 /boot ext2 defaults 0 2\n',
    // a link to an older one, which GRUB does not see
    '/initrd.img-6.1.0-13-amd64': initramfs('6.1.0-13-amd64', WITHOUT),
  };
}

export async function debianWithMicrocode(): Promise<System> {
  const main = await compress(plainImage(moduleEntries('6.1.0-13-amd64', VIRTIO, { ending: '.ko.xz' })), 'zstd');
  return { ...debian(), '/boot/initrd.img-6.1.0-13-amd64': Buffer.concat([microcode(), main]) };
}

export function ubuntuKvm(): System {
  const builtIn = 'kernel/drivers/block/virtio_blk.ko\nkernel/drivers/virtio/virtio_pci.ko\n';
  return {
    '/boot/vmlinuz-5.4.0-1029-kvm': kernelImage('5.4.0-1029-kvm'),
    '/boot/grub/grub.cfg': `${grubHeader('0')}menuentry 'Ubuntu' {
      if [ "\${initrdfail}" = 1 ]; then
        linux /boot/vmlinuz-5.4.0-1029-kvm root=PARTUUID=f6c3 ro
        initrd /boot/initrd.img-5.4.0-1029-kvm
      else
        linux /boot/vmlinuz-5.4.0-1029-kvm root=PARTUUID=f6c3 ro panic=-1
      fi
      initrdfail
    }`,
    ...modulesFolder('5.4.0-1029-kvm', { builtIn, dependencies: '' }),
  };
}

export function centos6(): System {
  const version = '2.6.32-754.el6.x86_64';
  return {
    '/boot/grub/grub.conf': `default=0
timeout=5
title CentOS (${version})
\troot (hd0,0)
\tkernel /vmlinuz-${version} ro root=/dev/mapper/vg-root rd_LVM_LV=vg/root rhgb quiet
\tinitrd /initramfs-${version}.img
`,
    [`/boot/vmlinuz-${version}`]: kernelImage(version),
    [`/boot/initramfs-${version}.img`]: initramfs(version),
    '/etc/fstab': '/dev/mapper/vg-root / ext4 defaults 1 1\nUUID=9e77 /boot ext4 defaults 1 2\n',
    ...modulesFolder(version),
  };
}

/** Kernels before 2.6.33 have no list of what is built in, but their configuration lies beside them. */
export function sles11(modules: readonly string[] = VIRTIO): System {
  const version = '3.0.101-63-default';
  return {
    '/boot/grub/menu.lst': `default 0
timeout 8
##YaST - activate
title SUSE Linux Enterprise Server 11 SP4 - ${version}
    root (hd0,0)
    kernel /boot/vmlinuz-${version} root=UUID=5f2c resume=/dev/disk/by-uuid/77aa splash=silent showopts
    initrd /boot/initrd-${version}
`,
    [`/boot/vmlinuz-${version}`]: kernelImage(version),
    [`/boot/initrd-${version}`]: initramfs(version, modules, [
      { type: 'file', path: 'run_all.sh', content: '#!/bin/bash' },
    ]),
    [`/boot/config-${version}`]: '#\nCONFIG_VIRTIO_BLK=m\nCONFIG_VIRTIO_PCI=m\nCONFIG_VIRTIO=m\n',
    [`/lib/modules/${version}/modules.dep`]: DEPENDENCIES,
  };
}

/** A kernel of one's own, with all that it needs inside. */
export function gentoo(): System {
  const version = '6.6.13-gentoo';
  return {
    '/boot/grub/grub.cfg': `${grubHeader('0')}menuentry 'Gentoo' {\n linux /vmlinuz-${version} root=PARTUUID=0aef-03 ro\n}\n`,
    '/etc/fstab': 'UUID=9e77 /boot vfat noauto 0 2\nUUID=5f2c / ext4 noatime 0 1\n',
    [`/boot/vmlinuz-${version}`]: kernelImage(version),
    [`/boot/config-${version}`]: '#\nCONFIG_VIRTIO_BLK=y\nCONFIG_VIRTIO_PCI=y\n# CONFIG_MODULES is not set\n',
  };
}

/** /boot inside the subvolume that is the root. */
export function fedoraSubvolume(): System {
  const { '/etc/fstab': _, ...rest } = fedora();
  const moved = Object.entries(rest).map(([path, content]) => [
    path,
    path.startsWith('/boot/loader/entries/')
      ? String(content).replaceAll(/^(linux|initrd) /gm, '$1 /root/boot')
      : content,
  ]);
  return { ...Object.fromEntries(moved), '/etc/fstab': 'UUID=5f2c / btrfs subvol=root,compress=zstd:1 0 0\n' };
}

export function rhel7(saved = 'CentOS Linux (3.10.0-1160.el7.x86_64) 7 (Core)'): System {
  return {
    '/boot/grub2/grub.cfg': rhel7Grub(),
    '/boot/grub2/grubenv': grubEnvironment({ saved_entry: saved }),
    '/etc/fstab': '/dev/mapper/centos-root / xfs defaults 0 0\nUUID=9e77 /boot xfs defaults 0 0\n',
    '/etc/default/grub': 'GRUB_DEFAULT=saved\nGRUB_CMDLINE_LINUX="crashkernel=auto rd.lvm.lv=centos/root"\n',
    ...redHatKernel('3.10.0-1160.el7.x86_64'),
    ...redHatKernel('3.10.0-957.el7.x86_64'),
  };
}

function rhel7Grub(): string {
  const entries = ['3.10.0-1160.el7.x86_64', '3.10.0-957.el7.x86_64'].map((version) =>
    entryAt(`/vmlinuz-${version}`, `/initramfs-${version}.img`, {
      title: `CentOS Linux (${version}) 7 (Core)`,
      id: `gnulinux-${version}-advanced-035a`,
      args: 'root=/dev/mapper/centos-root ro crashkernel=auto rd.lvm.lv=centos/root rhgb quiet',
    }).replace(/\b(linux|initrd)\t/g, '$116 '),
  );
  return `${grubHeader('saved')}set tuned_params=""\nset tuned_initrd=""\n${entries.join('')}
if [ "x$default" = 'CentOS Linux (3.10.0-957.el7.x86_64) 7 (Core)' ]; then default='Advanced options for CentOS Linux>CentOS Linux (3.10.0-957.el7.x86_64) 7 (Core)'; fi;
`;
}

export function rhel7Efi(): System {
  const { '/boot/grub2/grub.cfg': grub = '', '/boot/grub2/grubenv': environment = '', ...rest } = rhel7();
  const folder = '/boot/efi/EFI/centos';
  return {
    ...rest,
    [`${folder}/grub.cfg`]: String(grub).replaceAll(/\b(linux|initrd)16 /g, '$1efi '),
    [`${folder}/grubenv`]: environment,
    '/boot/efi/EFI/BOOT/BOOTX64.EFI': 'MZ',
    '/boot/grub2/grubenv': environment,
  };
}

function redHatKernel(version: string, folder = '/boot'): System {
  return {
    [`${folder}/vmlinuz-${version}`]: kernelImage(version),
    [`${folder}/initramfs-${version}.img`]: initramfs(version),
    ...modulesFolder(version),
  };
}

function loaderEntry(version: string, prefix = ''): string {
  return `title Red Hat Enterprise Linux (${version}) 8.7 (Ootpa)
version ${version}
linux ${prefix}/vmlinuz-${version}
initrd ${prefix}/initramfs-${version}.img $tuned_initrd
options $kernelopts $tuned_params
id rhel-20221003-${version}
grub_users $grub_users
grub_class kernel
`;
}

export function rhel8(saved = 'ffa1-4.18.0-425.el8.x86_64'): System {
  const versions = ['4.18.0-425.el8.x86_64', '4.18.0-80.el8.x86_64'];
  return Object.assign(
    {
      '/boot/grub2/grub.cfg': `${fedoraHeader}
if [ -z "\${kernelopts}" ]; then
  set kernelopts="root=/dev/sda2 ro "
fi
insmod blscfg
blscfg
`,
      '/boot/grub2/grubenv': grubEnvironment({
        saved_entry: saved,
        kernelopts: 'root=/dev/mapper/rhel-root ro crashkernel=auto rd.lvm.lv=rhel/root ',
        boot_success: '0',
      }),
      '/etc/fstab': '/dev/mapper/rhel-root / xfs defaults 0 0\nUUID=9e77 /boot xfs defaults 0 0\n',
    },
    ...versions.map((version) => ({
      [`/boot/loader/entries/ffa1-${version}.conf`]: loaderEntry(version),
      ...redHatKernel(version),
    })),
  );
}

export function rhel9(): System {
  const version = '5.14.0-362.el9.x86_64';
  return {
    '/boot/grub2/grub.cfg': `${fedoraHeader}insmod blscfg\nblscfg\n`,
    '/boot/grub2/grubenv': grubEnvironment({
      saved_entry: `ffa1-${version}`,
      boot_success: '0',
      boot_indeterminate: '0',
    }),
    [`/boot/loader/entries/ffa1-${version}.conf`]: loaderEntry(version).replace(
      '$kernelopts',
      'root=/dev/mapper/rhel-root ro',
    ),
    '/etc/lvm/devices/system.devices': 'VERSION=1.1.2\nIDTYPE=md_uuid IDNAME=1 DEVNAME=/dev/md127 PVID=x\n',
    '/boot/efi/EFI/redhat/BOOTX64.CSV': '',
    ...redHatKernel(version),
  };
}

export function fedora(): System {
  const version = '6.5.6-300.fc39.x86_64';
  return {
    '/boot/grub2/grub.cfg': `${fedoraHeader}blscfg\n`,
    '/boot/grub2/grubenv': grubEnvironment({
      saved_entry: `ffa1-${version}`,
      boot_success: '0',
      boot_indeterminate: '1',
    }),
    '/boot/efi/EFI/fedora/grub.cfg':
      'search --no-floppy --fs-uuid --set=dev 9e77\nset prefix=($dev)/grub2\nexport $prefix\nconfigfile $prefix/grub.cfg\n',
    [`/boot/loader/entries/ffa1-${version}.conf`]: loaderEntry(version).replace(
      '$kernelopts',
      'root=UUID=5f2c ro rootflags=subvol=root',
    ),
    '/etc/fstab': 'UUID=5f2c / btrfs subvol=root,compress=zstd:1 0 0\nUUID=9e77 /boot ext4 defaults 1 2\n',
    ...redHatKernel(version),
  };
}

/** @param prefix /boot as GRUB sees it. @param folder /boot as the system sees it. */
export function openSuse(prefix: string, folder: string): System {
  const version = '5.14.21-150500.55.19-default';
  const entry = entryAt(`${prefix}/vmlinuz-${version}`, `${prefix}/initrd-${version}`, {
    title: 'openSUSE Leap 15.5',
    id: 'gnulinux-simple-5f2c',
    args: 'root=UUID=5f2c $extra_cmdline splash=silent resume=/dev/disk/by-uuid/77aa',
  });
  return {
    '/boot/grub2/grub.cfg': `set btrfs_relative_path="y"\nexport btrfs_relative_path\n${grubHeader('saved')}
if [ -n "$extra_cmdline" ]; then
  submenu "Bootable snapshot #$snapshot_num" {
    menuentry "If OK, run 'snapper rollback' and reboot." { true }
  }
fi
${entry}
if [ -f "/.snapshots/grub-snapshot.cfg" ]; then
  source "/.snapshots/grub-snapshot.cfg"
fi
`,
    '/boot/grub2/grubenv': grubEnvironment({ saved_entry: 'openSUSE Leap 15.5' }),
    '/etc/fstab': 'UUID=5f2c / btrfs defaults 0 0\nUUID=5f2c /.snapshots btrfs subvol=/@/.snapshots 0 0\n',
    [`${folder}/vmlinuz-${version}`]: kernelImage(version),
    [`${folder}/initrd-${version}`]: initramfs(version),
    ...modulesFolder(version),
  };
}

export function arch(): System {
  const version = '6.6.7-arch1-1';
  return {
    '/boot/grub/grub.cfg':
      grubHeader('0') + entryAt('/boot/vmlinuz-linux', '/boot/amd-ucode.img /boot/initramfs-linux.img'),
    '/etc/fstab': '# /dev/sda2\nUUID=5f2c / ext4 rw,relatime 0 1\n',
    '/boot/vmlinuz-linux': kernelImage(version),
    '/boot/amd-ucode.img': newcArchive([{ type: 'file', path: 'kernel/x86/microcode/AuthenticAMD.bin', content: 'x' }]),
    '/boot/initramfs-linux.img': initramfs(version),
    ...modulesFolder(version),
  };
}

export function alpine(): System {
  const version = '6.6.7-0-lts';
  return {
    '/boot/extlinux.conf': `DEFAULT menu.c32
PROMPT 0
LABEL lts
  MENU DEFAULT
  MENU LABEL Linux lts
  LINUX vmlinuz-lts
  INITRD initramfs-lts
  APPEND root=UUID=5f2c modules=sd-mod,usb-storage,ext4 quiet rootfstype=ext4
`,
    '/etc/fstab':
      'UUID=5f2c / ext4 rw,relatime 0 1\nUUID=9e77 /boot ext4 rw,relatime 0 2\n/dev/cdrom /media/cdrom iso9660 noauto,ro 0 0\n',
    '/boot/vmlinuz-lts': kernelImage(version),
    '/boot/initramfs-lts': initramfs(version),
    ...modulesFolder(version),
  };
}

export function systemdBoot(): System {
  const version = '6.1.0-13-amd64';
  const folder = `/boot/efi/9e77/${version}`;
  return {
    [`/boot/efi/loader/entries/9e77-${version}.conf`]: `title Debian
version ${version}
options root=UUID=5f2c ro
linux /9e77/${version}/linux
initrd /9e77/${version}/initrd.img-${version}
`,
    [`${folder}/linux`]: kernelImage(version),
    [`${folder}/initrd.img-${version}`]: initramfs(version),
    ...modulesFolder(version),
  };
}
