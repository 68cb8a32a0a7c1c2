import type { ByteReader } from './byte-reader.ts';

/** One member of a newc cpio archive, as far as its head tells. */
export interface CpioMember {
  readonly name: string;
  readonly size: number;
  /** Whether it is a regular file, and not a folder, link or device. */
  readonly isFile: boolean;
}

const HEADER_BYTES = 110;
const MAX_NAME_BYTES = 4096;
const [TYPE_BITS, REGULAR_FILE] = [0o170000, 0o100000];
const TRAILER = 'TRAILER!!!';

/** The data is not a cpio archive of the kernel's kind, or damaged. */
export class CpioError extends Error {
  override readonly name = 'CpioError';
}

/** Whether a newc archive (with or without checksums) begins with these bytes. */
export function isCpio(head: Buffer): boolean {
  return /^07070[12]$/.test(head.toString('latin1', 0, 6));
}

/**
 * The members of the archive at the reader's front, up to and with its trailer (Linux,
 * Documentation/driver-api/early-userspace/buffer-format.rst).
 * @param keep whether a member's data is wanted; others are passed over.
 * @throws CpioError
 */
export async function* readCpio(
  reader: ByteReader,
  keep: (member: CpioMember) => boolean,
): AsyncGenerator<CpioMember & { readonly data: Buffer | undefined }> {
  for (;;) {
    const header = await reader.take(HEADER_BYTES);
    if (header.length < HEADER_BYTES || !isCpio(header)) throw new CpioError('damaged cpio header');
    const [mode, size, nameBytes] = [field(header, 14), field(header, 54), field(header, 94)];
    if (nameBytes > MAX_NAME_BYTES) throw new CpioError('a file name longer than any path');
    const name = (await reader.take(nameBytes)).toString('latin1').replace(/\0.*$/s, '');
    await reader.skip(padding(HEADER_BYTES + nameBytes));
    if (name === TRAILER) return;
    const member = { name, size, isFile: (mode & TYPE_BITS) === REGULAR_FILE };
    if (keep(member)) yield { ...member, data: await reader.take(size) };
    else {
      await reader.skip(size);
      yield { ...member, data: undefined };
    }
    await reader.skip(padding(size));
  }
}

function field(header: Buffer, offset: number): number {
  const digits = header.toString('latin1', offset, offset + 8);
  if (!/^[0-9a-f]{8}$/i.test(digits)) throw new CpioError('damaged cpio header');
  return Number.parseInt(digits, 16);
}

function padding(length: number): number {
  return (4 - (length % 4)) % 4;
}
