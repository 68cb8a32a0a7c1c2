import { familyOf } from './family.ts';
import { type InitramfsMaker, rebuildCommand, usualMaker } from './initramfs-maker.ts';
import type { KernelFacts } from './linux-facts.ts';

/** How a system calls itself: `ID` and `PRETTY_NAME` of os-release. */
export interface LinuxName {
  readonly id: string;
  readonly prettyName: string;
}

/** The command that puts the driver into the initramfs, by the program that made it. */
export function remedyFor({ id }: LinuxName, kernel: KernelFacts): string {
  const places = [...kernel.modules.values()];
  if (places.includes('blocked'))
    return 'Inside the guest: take the driver out of the blacklists (/etc/modprobe.d, the kernel command line) and rebuild the initramfs.';
  if (places.includes('too old'))
    return 'Give the guest a kernel of 4.0 or later (Red Hat: 3.10.0-327), or move it to machine type pc first, whose virtio disks old drivers know.';
  if (places.includes('not built'))
    return 'Inside the guest: install a kernel that has the driver (CONFIG_VIRTIO_BLK and CONFIG_VIRTIO_PCI).';
  return `Inside the guest: ${driverCommand(kernel.maker ?? usualMaker(familyOf(id), kernel.initramfs), kernel)}`;
}

function driverCommand(maker: InitramfsMaker, { version, initramfs }: KernelFacts): string {
  const rebuild = rebuildCommand(maker);
  switch (maker) {
    case 'initramfs-tools':
      return `printf 'virtio_blk\\nvirtio_pci\\n' >> /etc/initramfs-tools/modules && ${rebuild}`;
    case 'mkinitcpio':
      return `sed -i 's/^MODULES=[("]/&virtio_blk virtio_pci /' /etc/mkinitcpio.conf && ${rebuild}`;
    case 'mkinitfs':
      return `sed -i 's/^features="/&virtio /' /etc/mkinitfs/mkinitfs.conf && ${rebuild} ${version}`;
    case 'genkernel':
      return 'genkernel --virtio initramfs';
    case 'mkinitrd':
      return `sed -i 's/^INITRD_MODULES="/&virtio_pci virtio_blk /' /etc/sysconfig/kernel && ${rebuild}`;
    case 'booster':
      return `add virtio_blk,virtio_pci to modules in /etc/booster.yaml, then ${rebuild}`;
    case 'dracut':
      // the image by its place: old dracut has no --kver
      return `dracut --force --add-drivers 'virtio_blk virtio_pci' ${imageOf(initramfs, version)} ${version}`;
  }
}

function imageOf(initramfs: string, version: string): string {
  return /^[\w/.+~-]{1,160}$/.test(initramfs) ? initramfs : `/boot/initramfs-${version}.img`;
}
