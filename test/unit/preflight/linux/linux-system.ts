import { gzipSync } from 'node:zlib';
import type { ArchiveEntry } from '../../../testbed/newc-archive.ts';
import type { Content } from '../memory-files.ts';
import { moduleEntries, plainImage, VIRTIO } from './make-initramfs.ts';

/** The head of an x86 kernel image (Linux, Documentation/arch/x86/boot.rst), as far as its version goes. */
export function kernelImage(release: string): Buffer {
  const image = Buffer.alloc(0x4000);
  image.write('HdrS', 0x202);
  image.writeUInt16LE(0x3000, 0x20e);
  image.write(`${release} (builder@host) #1 SMP\0`, 0x3200);
  return image;
}

export const DEPENDENCIES = `kernel/drivers/ata/ahci.ko: kernel/drivers/ata/libata.ko
kernel/drivers/block/virtio_blk.ko: kernel/drivers/virtio/virtio_ring.ko kernel/drivers/virtio/virtio.ko
kernel/drivers/virtio/virtio.ko:
kernel/drivers/virtio/virtio_ring.ko: kernel/drivers/virtio/virtio.ko
kernel/drivers/virtio/virtio_pci.ko: kernel/drivers/virtio/virtio_ring.ko kernel/drivers/virtio/virtio.ko
`;

/** A kernel's folder of modules: its indexes. */
export function modulesFolder(
  version: string,
  { builtIn = '', dependencies = DEPENDENCIES } = {},
): Record<string, Content> {
  const folder = `/lib/modules/${version}`;
  return {
    [`${folder}/modules.builtin`]: `kernel/fs/ext4/ext4.ko\n${builtIn}`,
    [`${folder}/modules.dep`]: dependencies,
  };
}

/** A gzipped initramfs with modules for a kernel. */
export function initramfs(
  version: string,
  modules: readonly string[] = VIRTIO,
  more: readonly ArchiveEntry[] = [],
): Buffer {
  return gzipSync(plainImage([...moduleEntries(version, modules), ...more]));
}

/** A kernel with its initramfs and modules, as Debian names them. */
export function debianKernel(
  version: string,
  { modules = VIRTIO, folder = '/boot' }: { modules?: readonly string[]; folder?: string } = {},
): Record<string, Content> {
  return {
    [`${folder}/vmlinuz-${version}`]: kernelImage(version),
    [`${folder}/initrd.img-${version}`]: initramfs(version, modules),
    ...modulesFolder(version),
  };
}
