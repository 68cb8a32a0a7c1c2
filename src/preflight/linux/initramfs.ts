import { UnreadableError } from '../guest-files.ts';
import { type ByteReader, createByteReader } from './byte-reader.ts';
import { CpioError, isCpio, readCpio } from './cpio.ts';
import { decompress } from './decompress.ts';
import { createListing, type Initramfs, type Listing } from './initramfs-listing.ts';

const MAX_UNPACKED_BYTES = 1024 * 1024 * 1024;
/** Archives are padded to some boundary, never by more than this. */
const MAX_PADDING_BYTES = 16 * 1024 * 1024;

/**
 * List an initramfs: any number of plain cpio archives (CPU microcode), padding, then a compressed one.
 * @throws UnreadableError where it is damaged, of an unknown compression, or beyond all bounds.
 */
export async function readInitramfs(source: AsyncIterable<Buffer>): Promise<Initramfs> {
  const listing = createListing();
  const reader = createByteReader(bounded(source));
  try {
    await readArchives(reader, listing);
  } catch (error) {
    if (error instanceof UnreadableError) throw error;
    throw new UnreadableError(
      error instanceof CpioError ? error.message : `it can't be decompressed (${String(error)})`,
    );
  } finally {
    await reader.close();
  }
  return listing;
}

async function readArchives(reader: ByteReader, listing: Listing, isUnpacked = false): Promise<void> {
  for (;;) {
    await skipZeros(reader);
    const head = await reader.peek(6);
    if (head.length === 0) return;
    if (isCpio(head)) for await (const member of readCpio(reader, (one) => listing.isKept(one))) listing.add(member);
    else if (isUnpacked) throw new UnreadableError('what it unpacks to is no cpio archive');
    else return readCompressed(reader.rest(), Buffer.from(head), listing);
  }
}

async function readCompressed(source: AsyncIterable<Buffer>, head: Buffer, listing: Listing): Promise<void> {
  const reader = createByteReader(bounded(decompress(source, head)));
  try {
    await readArchives(reader, listing, true);
  } finally {
    await reader.close();
  }
}

const ZEROS = Buffer.alloc(64 * 1024);

async function skipZeros(reader: ByteReader): Promise<void> {
  for (let skipped = 0; skipped <= MAX_PADDING_BYTES; ) {
    const head = await reader.peek(ZEROS.length);
    const isAllZeros = head.equals(ZEROS.subarray(0, head.length));
    if (!isAllZeros || head.length === 0) return reader.skip(isAllZeros ? 0 : head.findIndex((byte) => byte !== 0));
    await reader.skip(head.length);
    skipped += head.length;
  }
  throw new UnreadableError('it has more padding than any initramfs has');
}

async function* bounded(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let total = 0;
  for await (const chunk of source) {
    total += chunk.length;
    if (total > MAX_UNPACKED_BYTES) throw new UnreadableError('it unpacks to more than any initramfs has');
    yield chunk;
  }
}
