/**
 * libvirt's embedded QEMU driver and the QEMU it starts. As root, libvirt looks up the user `libvirt-qemu`, which only
 * `libvirt-daemon-system` creates; none of its daemons has to run.
 */
export const embeddedRootPackages = [
  'libvirt-clients', // virsh
  'libvirt-daemon-system', // the QEMU driver, and the user libvirt-qemu
  'qemu-system-x86', // emulator and SeaBIOS
  'qemu-utils', // qemu-img
  'util-linux', // taskset
] as const;

/** What building a guest's disks runs on the host. */
export const guestImagePackages = [
  'busybox-static', // the guest's userland
  'dpkg', // dpkg-deb unpacks the downloaded packages
  'e2fsprogs', // mkfs.ext4 -d fills a file system without mounting it
  'fdisk', // sfdisk
  'genisoimage', // CD images
  'grub-common', // grub-mkimage
  'grub-pc-bin', // boot.img and GRUB's modules for BIOS machines
  'kmod', // depmod
  'qemu-system-x86', // has the libraries that the guest's agent needs, too; they are taken from the host
  'qemu-utils', // qemu-img
  'zstd', // initramfs compressed with zstd
] as const;

/** What the tests of the preflight run: the programs that make an initramfs, and a real agent. */
export const preflightPackages = [
  'bzip2',
  'cpio',
  'gzip',
  'lz4',
  'lzop',
  'qemu-guest-agent', // qemu-ga, on a socket of the test's own
  'xz-utils',
  'zstd',
] as const;

/** What the labelled guests are built with, and what inspects them while they are off. */
export const labelledGuestPackages = [
  'grub-efi-amd64-bin', // GRUB as a program for UEFI
  'libguestfs-tools', // guestfish
  'libhivex-bin', // hivexregedit
  'lvm2', // lvm, for the initramfs of a guest with its root on LVM
  'makefs', // UFS, the file system of FreeBSD
  'mdadm', // the same with its root on md
  'mtools', // EFI system partitions
  'ntfs-3g', // mkntfs and ntfscp
  'ovmf', // UEFI, with and without Secure Boot
] as const;

/**
 * libguestfs's appliance takes the host's kernel. A container has none; a machine that has one keeps it, for another would
 * change what it boots.
 */
export const applianceKernelPackage = 'linux-image-amd64';

/** Downloaded and unpacked into the cache, never installed. */
export const downloadedPackages = { kernel: 'linux-image-amd64', agent: 'qemu-guest-agent' } as const;
