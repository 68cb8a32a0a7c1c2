import { UnreadableError } from '../guest-files.ts';
import type { CpioMember } from './cpio.ts';
import { moduleNameOf } from './modules.ts';

/** What an initramfs holds, as far as booting from a disk is concerned. */
export interface Initramfs {
  /** The modules that it has, by the kernel that they are for. */
  readonly modules: ReadonlyMap<string, ReadonlySet<string>>;
  /** The devices that it waits for (dracut's `devexists` hooks). */
  readonly deviceHooks: readonly string[];
  /** Kernel arguments that it adds by itself (dracut's `etc/cmdline.d`), by file. */
  readonly extraArguments: ReadonlyMap<string, string>;
  /** Texts of modprobe's configuration. */
  readonly modprobeFiles: readonly string[];
  /** Texts of `modules.builtin` and `modules.dep`, by kernel and name: `6.1.0-13-amd64/modules.dep`. */
  readonly indexes: ReadonlyMap<string, string>;
}

/** An initramfs while it is being read. */
export interface Listing extends Initramfs {
  /** Whether a member's data is wanted. @throws UnreadableError where there is too much of it. */
  isKept(member: CpioMember): boolean;
  add(member: CpioMember & { readonly data: Buffer | undefined }): void;
}

const MAX_MEMBERS = 100_000;
const MAX_KEPT_BYTES = 8 * 1024 * 1024;
const MAX_HOOKS = 1000;

const EXTRA_ARGUMENTS = /^(?:\.?\/)?etc\/(?:cmdline|cmdline\.d\/[^/]+\.conf)$/;
const MODPROBE_FILE = /^(?:\.?\/)?(?:etc|lib|usr\/lib)\/modprobe\.d\/[^/]+\.conf$/;
const INDEX = /(?:^|\/)lib\/modules\/([\w.+~-]{1,64}\/modules\.(?:builtin|dep))$/;
const DEVICE_HOOK = /\/hooks\/initqueue\/finished\/devexists-([^/]+)\.sh$/;
const KERNEL_FOLDER = /(?:^|\/)lib\/modules\/([\w.+~-]{1,64})\//;

export function createListing(): Listing {
  const modules = new Map<string, Set<string>>();
  const deviceHooks: string[] = [];
  const extraArguments = new Map<string, string>();
  const modprobeFiles: string[] = [];
  const indexes = new Map<string, string>();
  let [members, keptBytes] = [0, 0];
  return {
    modules,
    deviceHooks,
    extraArguments,
    modprobeFiles,
    indexes,
    isKept({ name, size, isFile }) {
      if (!isFile || ![EXTRA_ARGUMENTS, MODPROBE_FILE, INDEX].some((kept) => kept.test(name))) return false;
      keptBytes += size;
      if (keptBytes > MAX_KEPT_BYTES) throw new UnreadableError('it has more configuration than any initramfs has');
      return true;
    },
    add({ name, size, isFile, data }) {
      if (++members > MAX_MEMBERS) throw new UnreadableError('it has more files than any initramfs has');
      const module = isFile && size > 0 ? moduleIn(name) : undefined;
      if (module !== undefined) modules.set(module.kernel, (modules.get(module.kernel) ?? new Set()).add(module.name));
      const hook = DEVICE_HOOK.exec(name)?.[1];
      if (hook !== undefined && deviceHooks.push(unescapeName(hook)) > MAX_HOOKS)
        throw new UnreadableError('it waits for more devices than any initramfs does');
      if (data === undefined) return;
      const index = INDEX.exec(name)?.[1];
      if (index !== undefined) indexes.set(index, data.toString('utf8'));
      else if (MODPROBE_FILE.test(name)) modprobeFiles.push(data.toString('utf8'));
      else extraArguments.set(name, data.toString('utf8'));
    },
  };
}

/** A module's file, e.g. `usr/lib/modules/6.1.0-13-amd64/kernel/drivers/block/virtio_blk.ko.xz`. */
function moduleIn(path: string): { kernel: string; name: string } | undefined {
  const kernel = KERNEL_FOLDER.exec(path)?.[1];
  const name = moduleNameOf(path);
  return kernel === undefined || name === undefined ? undefined : { kernel, name };
}

/** dracut writes `/dev/sda1` as `\x2fdev\x2fsda1` into the names of its hooks. */
function unescapeName(name: string): string {
  return name.replace(/\\x([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
