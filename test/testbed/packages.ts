/**
 * libvirt's embedded QEMU driver and the QEMU it starts. As root, libvirt looks up the user `libvirt-qemu`, which only
 * `libvirt-daemon-system` creates; none of its daemons has to run.
 */
const embeddedRootPackages = [
  'libvirt-clients', // virsh
  'libvirt-daemon-system', // the QEMU driver, and the user libvirt-qemu
  'qemu-system-x86', // emulator and SeaBIOS
  'qemu-utils', // qemu-img
  'util-linux', // taskset
] as const;

/** What building a guest's disks runs on the host. */
const guestImagePackages = [
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

/** What builds the kernel of the test guests from its source. */
const guestKernelPackages = [
  'bc',
  'bison',
  'flex',
  'gcc',
  'libc6-dev',
  'libelf-dev', // objtool
  'lz4', // its image
  'make',
  'perl',
  'xz-utils', // the source's archive
] as const;

/** What the tests of the preflight run: the programs that make an initramfs or a registry, and a real agent. */
const preflightPackages = [
  'bzip2',
  'cpio',
  'gzip',
  'libhivex-bin', // hivexregedit
  'lz4',
  'lzop',
  'qemu-guest-agent', // qemu-ga, on a socket of the test's own
  'xz-utils',
  'zstd',
] as const;

/** What the tests of rehearsals look at images with. */
const rehearsalPackages = ['attr'] as const; // getfattr, setfattr

/** What looks into the disks of guests that are off: the program's own need, and a kernel for libguestfs' appliance. */
const inspectionPackages = [
  'libguestfs-tools', // guestfish
  'libhivex-bin', // hivexregedit
  'linux-image-amd64', // supermin takes the appliance's kernel from the host
  'qemu-utils', // qemu-img
] as const;

/** What the labelled guests are built with. */
const labelledGuestPackages = [
  'cryptsetup-bin', // LUKS
  'grub-efi-amd64-bin', // GRUB as a program for UEFI
  'lvm2', // lvm, for the initramfs of a guest with its root on LVM
  'makefs', // UFS, the file system of FreeBSD
  'mdadm', // the same with its root on md
  'mtools', // EFI system partitions
  'ntfs-3g', // mkntfs and ntfscp
  'ovmf', // UEFI, with and without Secure Boot
] as const;

/** What builds and runs the images of docker/, without a daemon. */
const containerPackages = ['buildah', 'crun'] as const;

/** What the tests of a host's reports and services look at them with. */
const reportPackages = [
  'chromium', // the HTML page
  'fonts-dejavu-core', // text in its picture
  'poppler-utils', // pdftotext, for what of it comes on paper
  'systemd', // systemd-analyze, and one of the test's own with a journald
] as const;

/** What makes a bare Debian, for the tests of what is installed there. */
const debianRootPackages = ['debian-archive-keyring', 'debootstrap'] as const;

/** What builds the packages of this program, looks them over, and completes command lines. */
const packagingPackages = [
  'bash-completion',
  'binutils', // strip
  'lintian',
  'man-db', // man --warnings
  'mandoc', // mandoc -T lint
  'rpm', // rpmbuild, rpm
  'zsh',
] as const;

/** What the test of a fleet has: Ansible, and hosts that are reached by ssh. */
const fleetPackages = [
  'ansible-core',
  'ansible-lint',
  'iproute2', // ip
  'libwrap0', // sshd's
  'openssh-client', // ssh, and ssh-keygen
  'python3',
  'yamllint',
] as const;

/** Downloaded and unpacked into the cache. */
export const downloadedPackages = {
  kernel: 'linux-image-amd64',
  kernelSource: 'linux-source',
  agent: 'qemu-guest-agent',
  promtool: 'prometheus', // installed, it would start a server
  sshServer: 'openssh-server', // as well
} as const;

/** What the benchmarks measure beside virtioize. */
export const contenderPackages: readonly string[] = [
  'python3-libvirt', // libvirt's own API
  'virtinst', // virt-xml
];

/** All that the demo and the tests need on a Debian machine. */
export const neededPackages: readonly string[] = [
  ...embeddedRootPackages,
  ...guestImagePackages,
  ...guestKernelPackages,
  ...preflightPackages,
  ...inspectionPackages,
  ...rehearsalPackages,
  ...labelledGuestPackages,
  ...reportPackages,
  ...containerPackages,
  ...debianRootPackages,
  ...packagingPackages,
  ...fleetPackages,
];
