/**
 * A guest's files, wherever they are read from: through its agent while it runs, or from its disks while it is off.
 * Paths are absolute and as the guest sees them. Everything that comes back is the guest's word.
 */
export interface GuestFiles {
  /**
   * A file's content, chunk by chunk, or undefined where there is no such file.
   * @throws UnreadableError where it may be there but can't be read.
   */
  open(path: string): Promise<AsyncIterable<Buffer> | undefined>;
  /**
   * The names in a folder, or undefined where there is no such folder.
   * @throws UnreadableError where that can't be told.
   */
  list(folder: string): Promise<readonly string[] | undefined>;
  /**
   * What a volume is called on whatever disk it lies, by a name that the system has for it (`/dev/sda1`); undefined where
   * that is not known. A reader without this leaves it to what a running Linux shows in its files.
   */
  identify?(device: string): Promise<VolumeIdentity | undefined>;
}

/** Names of a volume that stay the same on another controller. */
export interface VolumeIdentity {
  /** Of the file system, swap space or LUKS header on it: what `UUID=` stands for. */
  readonly uuid: string | undefined;
  /** Of the partition: what `PARTUUID=` stands for. */
  readonly partitionUuid: string | undefined;
}

/** The guest does not let this be read, or not in time, or what was read makes no sense. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
}

/** What `read` gives, or the UnreadableError that it throws. */
export async function orUnreadable<T>(read: () => Promise<T>): Promise<T | UnreadableError> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof UnreadableError) return error;
    throw error;
  }
}

/** More than any configuration file has. */
const MAX_TEXT_BYTES = 1024 * 1024;

/**
 * A text file's content, or undefined where there is none.
 * @throws UnreadableError where it can't be read or is larger than `maxBytes`.
 */
export async function readText(
  files: GuestFiles,
  path: string,
  maxBytes = MAX_TEXT_BYTES,
): Promise<string | undefined> {
  const chunks = await files.open(path);
  if (chunks === undefined) return undefined;
  const parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    length += chunk.length;
    if (length > maxBytes) throw new UnreadableError(`${path} is larger than ${maxBytes} bytes`);
  }
  return Buffer.concat(parts).toString('utf8');
}

/**
 * Whether there is such a file.
 * @throws UnreadableError where it can't be read.
 */
export async function hasFile(files: GuestFiles, path: string): Promise<boolean> {
  return (await readHead(files, path, 1)) !== undefined;
}

/**
 * The first bytes of a file (fewer where it is shorter), or undefined where there is no such file.
 * @throws UnreadableError where it can't be read.
 */
export async function readHead(files: GuestFiles, path: string, length: number): Promise<Buffer | undefined> {
  const chunks = await files.open(path);
  if (chunks === undefined) return undefined;
  const parts: Buffer[] = [];
  let total = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    total += chunk.length;
    if (total >= length) break;
  }
  return Buffer.concat(parts).subarray(0, length);
}
