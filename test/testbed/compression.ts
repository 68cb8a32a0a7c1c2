import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { execa } from 'execa';

export type Compression = 'none' | 'gzip' | 'xz' | 'zstd' | 'lz4';

/** The kernel's own decompressors are simple: it takes no other checksum of xz, and only the old format of lz4. */
const programs = {
  xz: ['xz', '--stdout', '--check=crc32', '-1'],
  zstd: ['zstd', '--stdout', '--quiet', '-10'],
  lz4: ['lz4', '-l', '--stdout', '--quiet'],
} as const;

/** Compress an initramfs in a way that the kernel undoes. */
export async function compress(archive: Buffer, compression: Compression): Promise<Buffer> {
  if (compression === 'none') return archive;
  if (compression === 'gzip') return promisify(gzip)(archive, { level: 6 });
  const [file, ...words] = programs[compression];
  const { stdout } = await execa(file, words, { input: archive, encoding: 'buffer' });
  return Buffer.from(stdout);
}
