import { execa } from 'execa';
import { type ArchiveEntry, newcArchive } from '../../../testbed/newc-archive.ts';

export const VIRTIO = ['virtio', 'virtio_ring', 'virtio_pci', 'virtio_blk'];

/** Modules in the folders of a kernel, as initramfs makers lay them out. */
export function moduleEntries(
  version: string,
  names: readonly string[],
  { root = 'usr/lib/modules', ending = '.ko' } = {},
): ArchiveEntry[] {
  return names.map((name) => ({
    type: 'file',
    path: `${root}/${version}/kernel/drivers/${name}${ending}`,
    content: `\x7fELF ${name}`,
  }));
}

/** A plain archive with a few files of the kind that every initramfs has, and those given. */
export function plainImage(entries: readonly ArchiveEntry[]): Buffer {
  return newcArchive([
    { type: 'folder', path: 'usr' },
    { type: 'link', path: 'lib', target: 'usr/lib' },
    { type: 'file', path: 'init', content: '#!/bin/sh\n', mode: 0o755 },
    ...entries,
  ]);
}

/** What the early archive with CPU microcode looks like, padded to 512 bytes. */
export function microcode(): Buffer {
  const archive = newcArchive([
    { type: 'file', path: 'kernel/x86/microcode/GenuineIntel.bin', content: Buffer.alloc(5000, 7) },
  ]);
  return Buffer.concat([archive, Buffer.alloc(512 - (archive.length % 512))]);
}

/** How a real program compresses for the kernel. */
export const COMPRESSIONS = {
  gzip: ['gzip', '-9'],
  xz: ['xz', '--check=crc32'],
  zstd: ['zstd', '-q', '-9'],
  lz4: ['lz4', '-q', '-l', '-9', '-', '-'],
  bzip2: ['bzip2', '-9'],
  lzma: ['xz', '--format=lzma'],
  lzop: ['lzop', '-9'],
} as const;

export async function compress(input: Buffer, how: keyof typeof COMPRESSIONS): Promise<Buffer> {
  const [program, ...words] = COMPRESSIONS[how];
  const { stdout } = await execa(program, words, {
    input,
    encoding: 'buffer',
    stripFinalNewline: false,
    cleanup: false,
  });
  return Buffer.from(stdout);
}
