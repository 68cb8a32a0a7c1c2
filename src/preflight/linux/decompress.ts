import { PassThrough, pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { execa } from 'execa';
import { UnreadableError } from '../guest-files.ts';

/** Compressions that the kernel knows for an initramfs, by their first bytes, with the program that undoes each. */
const FORMATS: readonly {
  readonly name: string;
  readonly magic: Buffer;
  readonly program: readonly [string, ...string[]];
}[] = [
  { name: 'gzip', magic: Buffer.from([0x1f, 0x8b]), program: ['gzip'] },
  { name: 'zstd', magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), program: ['zstd', '-dcq', '--memory=256MB'] },
  { name: 'xz', magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a]), program: ['xz', '-dcq', '--memlimit=256MiB'] },
  {
    name: 'lzma',
    magic: Buffer.from([0x5d, 0x00, 0x00]),
    program: ['xz', '-dcq', '--format=lzma', '--memlimit=256MiB'],
  },
  { name: 'bzip2', magic: Buffer.from('BZh'), program: ['bzip2', '-dcq'] },
  { name: 'lz4', magic: Buffer.from([0x02, 0x21, 0x4c, 0x18]), program: ['lz4', '-dcq'] },
  { name: 'lzop', magic: Buffer.from([0x89, 0x4c, 0x5a, 0x4f]), program: ['lzop', '-dcq'] },
];

/** Longer than any real initramfs takes. */
const TIMEOUT_MS = 120_000;
const CHUNK_BYTES = 256 * 1024;

/**
 * Undo the compression of a stream that begins with `head`. The programs get the data through a pipe, never a file name
 * of the guest's.
 * @throws UnreadableError where the format is unknown, or its program is not installed.
 */
export async function* decompress(source: AsyncIterable<Buffer>, head: Buffer): AsyncGenerator<Buffer> {
  const format = FORMATS.find(({ magic }) => head.subarray(0, magic.length).equals(magic));
  if (format === undefined) throw new UnreadableError(`unknown compression (${head.subarray(0, 4).toString('hex')})`);
  if (format.name === 'gzip') yield* gunzip(source);
  else yield* runProgram(source, format.program);
}

async function* gunzip(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const stream = createGunzip({ chunkSize: CHUNK_BYTES });
  pipeline(Readable.from(source), stream, () => {}); // its error surfaces below
  yield* stream as AsyncIterable<Buffer>;
}

async function* runProgram(
  source: AsyncIterable<Buffer>,
  [file, ...words]: readonly [string, ...string[]],
): AsyncGenerator<Buffer> {
  const child = execa(file, words, {
    buffer: false,
    reject: false,
    cleanup: false, // it ends with its pipes
    timeout: TIMEOUT_MS,
    stdin: 'pipe',
    stderr: 'ignore',
  });
  const output = new PassThrough();
  pipeline(Readable.from(source), child.stdin, () => {}); // it ends early once enough was read
  pipeline(child.stdout, output, () => {});
  try {
    yield* output as AsyncIterable<Buffer>;
    const result = await child;
    if (result.code === 'ENOENT')
      throw new UnreadableError(`it is compressed with ${file}, and ${file} is not installed here`);
    if (result.failed) throw new UnreadableError(`${file} could not decompress it`);
  } finally {
    child.kill('SIGKILL');
  }
}
