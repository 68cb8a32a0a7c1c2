import { UnreadableError } from '../guest-files.ts';
import { type ByteReader, createByteReader } from './byte-reader.ts';
import { CpioError, type CpioMember, isCpio, readCpio } from './cpio.ts';
import { decompress } from './decompress.ts';

/** What an initramfs holds, as far as booting from a disk is concerned. */
export interface Initramfs {
  /** Names of kernel modules, without folder and ending, `-` written as `_`. */
  readonly modules: ReadonlySet<string>;
  /** The kernels that the modules are for. */
  readonly kernels: ReadonlySet<string>;
  /** Names of all files that say which device to wait for (dracut's `devexists` hooks). */
  readonly deviceHooks: readonly string[];
  /** Kernel arguments that the initramfs adds by itself (dracut's `etc/cmdline.d`), by file. */
  readonly extraArguments: ReadonlyMap<string, string>;
}

const MAX_UNPACKED_BYTES = 2 * 1024 * 1024 * 1024;
const MAX_MEMBERS = 200_000;
const MAX_KEPT_BYTES = 64 * 1024;

/**
 * List an initramfs: any number of plain cpio archives (CPU microcode), padding, then a compressed one.
 * @throws UnreadableError where it is damaged, of an unknown compression, or beyond all bounds.
 */
export async function readInitramfs(source: AsyncIterable<Buffer>): Promise<Initramfs> {
  const listing = createListing();
  try {
    await readArchives(createByteReader(bounded(source)), listing);
  } catch (error) {
    if (error instanceof UnreadableError) throw error;
    throw new UnreadableError(
      error instanceof CpioError ? error.message : `it can't be decompressed (${String(error)})`,
    );
  }
  return listing;
}

async function readArchives(reader: ByteReader, listing: Listing, isUnpacked = false): Promise<void> {
  for (;;) {
    await skipZeros(reader);
    const head = await reader.peek(6);
    if (head.length === 0) return;
    if (isCpio(head)) for await (const member of readCpio(reader, isKept)) listing.add(member);
    else if (isUnpacked) throw new UnreadableError('what it unpacks to is no cpio archive');
    else return readArchives(createByteReader(bounded(decompress(reader.rest(), Buffer.from(head)))), listing, true);
  }
}

async function skipZeros(reader: ByteReader): Promise<void> {
  for (;;) {
    const head = await reader.peek(4096);
    const first = head.findIndex((byte) => byte !== 0);
    if (first < 0 && head.length > 0) await reader.skip(head.length);
    else return reader.skip(Math.max(first, 0));
  }
}

async function* bounded(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let total = 0;
  for await (const chunk of source) {
    total += chunk.length;
    if (total > MAX_UNPACKED_BYTES) throw new UnreadableError('it unpacks to more than any initramfs has');
    yield chunk;
  }
}

const EXTRA_ARGUMENTS = /^(?:\.\/)?etc\/cmdline\.d\/[^/]+\.conf$/;
const MODULE = /(?:^|\/)lib\/modules\/([^/]+)\/.*?([^/]+)\.ko(?:\.(?:gz|xz|zst))?$/;
const DEVICE_HOOK = /(?:^|\/)hooks\/initqueue\/finished\/devexists-([^/]+)\.sh$/;

function isKept({ name, size }: CpioMember): boolean {
  return EXTRA_ARGUMENTS.test(name) && size <= MAX_KEPT_BYTES;
}

interface Listing extends Initramfs {
  add(member: CpioMember & { readonly data: Buffer | undefined }): void;
}

function createListing(): Listing {
  const [modules, kernels] = [new Set<string>(), new Set<string>()];
  const deviceHooks: string[] = [];
  const extraArguments = new Map<string, string>();
  let members = 0;
  return {
    modules,
    kernels,
    deviceHooks,
    extraArguments,
    add({ name, data }) {
      if (++members > MAX_MEMBERS) throw new UnreadableError('it has more files than any initramfs has');
      const module = MODULE.exec(name);
      if (module !== null) {
        kernels.add(module[1] ?? '');
        modules.add(moduleName(module[2] ?? ''));
      }
      const hook = DEVICE_HOOK.exec(name);
      if (hook !== null) deviceHooks.push(unescapeUnit(hook[1] ?? ''));
      if (data !== undefined) extraArguments.set(name, data.toString('utf8'));
    },
  };
}

/** The kernel takes `-` and `_` in module names for the same. */
export function moduleName(name: string): string {
  return name.replaceAll('-', '_');
}

/** dracut writes `/dev/sda1` as `\x2fdev\x2fsda1` into the names of its hooks. */
function unescapeUnit(name: string): string {
  return name.replace(/\\x([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
