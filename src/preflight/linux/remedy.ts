import type { KernelFacts } from './linux-facts.ts';

/** How a system calls itself: `ID` and `PRETTY_NAME` of os-release. */
export interface LinuxName {
  readonly id: string;
  readonly prettyName: string;
}

/** The command that puts the driver into the initramfs, by the kind of system and the name of its image. */
export function remedyFor({ id }: LinuxName, { version, initramfs, modules }: KernelFacts): string {
  if ([...modules.values()].includes('blocked'))
    return 'Inside the guest: take the driver out of the blacklists (/etc/modprobe.d, the kernel command line) and rebuild the initramfs.';
  if (/\/initrd\.img-/.test(initramfs) || /^(?:debian|ubuntu)/.test(id))
    return "Inside the guest: printf 'virtio_blk\\nvirtio_pci\\n' >> /etc/initramfs-tools/modules && update-initramfs -u -k all";
  if (/^(?:arch|manjaro)/.test(id))
    return 'Inside the guest: add virtio_blk and virtio_pci to MODULES in /etc/mkinitcpio.conf, then mkinitcpio -P';
  if (id === 'alpine') return 'Inside the guest: add virtio to features in /etc/mkinitfs/mkinitfs.conf, then mkinitfs';
  // the image by its place: old dracut has no --kver
  const image = /^[\w/.+~-]{1,160}$/.test(initramfs) ? initramfs : `/boot/initramfs-${version}.img`;
  return `Inside the guest: dracut --force --add-drivers 'virtio_blk virtio_pci' ${image} ${version}`;
}
