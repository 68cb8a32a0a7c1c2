import { type GuestFiles, UnreadableError } from '../../../src/preflight/guest-files.ts';

/** What a file of such a system holds; an error is thrown to whoever opens it. */
export type Content = string | Buffer | UnreadableError;

export interface MemorySystem extends GuestFiles {
  /** The paths that were opened and found, in order. */
  readonly opened: string[];
}

/**
 * A whole system as an object of paths and contents. A folder is there where a file is below it.
 * @param canList false where the reader can't list folders, as an agent without guest-exec.
 */
export function memoryFiles(contents: Readonly<Record<string, Content>>, { canList = true } = {}): MemorySystem {
  const opened: string[] = [];
  return {
    opened,
    async open(path) {
      const content = contents[path];
      if (content === undefined) return undefined;
      opened.push(path);
      if (content instanceof UnreadableError) throw content;
      return chunked(Buffer.from(content));
    },
    async list(folder) {
      if (!canList) throw new UnreadableError(`${folder} can't be listed`);
      const start = folder === '/' ? '/' : `${folder}/`;
      const names = Object.keys(contents)
        .filter((path) => path.startsWith(start))
        .map((path) => path.slice(start.length).split('/')[0] ?? '');
      return names.length === 0 ? undefined : [...new Set(names)];
    },
  };
}

/** Bytes in chunks of an odd size, so that nothing falls on a boundary by chance. */
export async function* chunked(bytes: Buffer, size = 61_441): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}
