import { constants, type FileHandle, open } from 'node:fs/promises';

export interface FileEnd {
  readonly content: Buffer;
  /** How long the file is. */
  readonly size: number;
}

/**
 * The last bytes of a file of this machine that somebody else names. Only a regular file is read: neither a FIFO that
 * nobody writes to nor a link to somewhere else.
 * @returns undefined where it is something else.
 * @throws system errors, `ENOENT` and `ELOOP` (a symbolic link) among them.
 */
export async function readEnd(path: string, maxBytes: number): Promise<FileEnd | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) return undefined;
    const length = Math.min(stats.size, maxBytes);
    return { content: await readFrom(file, stats.size - length, length), size: stats.size };
  } finally {
    await file.close();
  }
}

/** Shorter than asked for where the file was cut meanwhile. */
async function readFrom(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
