import { UnreadableError } from '../guest-files.ts';
import type { CpioMember } from './cpio.ts';
import { type InitramfsMaker, makerBy } from './initramfs-maker.ts';
import { moduleNameOf } from './modules.ts';

/** What an initramfs holds, as far as booting from a disk is concerned. */
export interface Initramfs {
  /** The modules that it has, by the kernel that they are for. */
  readonly modules: ReadonlyMap<string, ReadonlySet<string>>;
  /** Modules that lie in no kernel's folder: the oldest makers name them in a script. */
  readonly looseModules: ReadonlySet<string>;
  /** What made it, where that shows. */
  readonly maker: InitramfsMaker | undefined;
  /** The devices that it waits for (dracut's `devexists` hooks). */
  readonly deviceHooks: readonly string[];
  /** Kernel arguments that it adds by itself (dracut's `etc/cmdline.d`), by file. */
  readonly extraArguments: ReadonlyMap<string, string>;
  /** Files that it has of the system's, and that may name disks, by their name in the system: `/etc/crypttab`. */
  readonly copies: ReadonlyMap<string, string>;
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
/** What the system's own file is called; initramfs-tools has its crypttab elsewhere. */
const COPY =
  /^(?:\.?\/)?(etc\/(?:fstab|crypttab|mdadm\.conf|mdadm\/mdadm\.conf|lvm\/lvm(?:local)?\.conf|lvm\/devices\/system\.devices))$/;
const CRYPTTAB_COPY = /^(?:\.?\/)?cryptroot\/crypttab$/;
/** dracut, kiwi and others may put all but the start of it into a further image. */
const NESTED_IMAGE = /(?:^|\/)(?:squashfs|squash|erofs)-root\.img$/;
const KERNEL_FOLDER = /(?:^|\/)lib\/modules\/([\w.+~-]{1,64})\//;

export function createListing(): Listing {
  const modules = new Map<string, Set<string>>();
  const deviceHooks: string[] = [];
  const extraArguments = new Map<string, string>();
  const looseModules = new Set<string>();
  const copies = new Map<string, string>();
  const modprobeFiles: string[] = [];
  let maker: InitramfsMaker | undefined;
  const indexes = new Map<string, string>();
  let [members, keptBytes] = [0, 0];
  return {
    modules,
    looseModules,
    copies,
    get maker() {
      return maker;
    },
    deviceHooks,
    extraArguments,
    modprobeFiles,
    indexes,
    isKept({ name, size, isFile }) {
      if (!isFile || ![EXTRA_ARGUMENTS, MODPROBE_FILE, INDEX, COPY, CRYPTTAB_COPY].some((kept) => kept.test(name)))
        return false;
      keptBytes += size;
      if (keptBytes > MAX_KEPT_BYTES) throw new UnreadableError('it has more configuration than any initramfs has');
      return true;
    },
    add({ name, size, isFile, data }) {
      if (++members > MAX_MEMBERS) throw new UnreadableError('it has more files than any initramfs has');
      if (NESTED_IMAGE.test(name)) throw new UnreadableError('its files are in an image of their own inside it');
      maker ??= makerBy(name);
      const module = isFile && size > 0 ? moduleNameOf(name) : undefined;
      const kernel = KERNEL_FOLDER.exec(name)?.[1];
      if (module !== undefined && kernel === undefined) looseModules.add(module);
      else if (module !== undefined && kernel !== undefined)
        modules.set(kernel, (modules.get(kernel) ?? new Set()).add(module));
      const hook = DEVICE_HOOK.exec(name)?.[1];
      if (hook !== undefined && deviceHooks.push(unescapeName(hook)) > MAX_HOOKS)
        throw new UnreadableError('it waits for more devices than any initramfs does');
      if (data === undefined) return;
      const index = INDEX.exec(name)?.[1];
      const copy = CRYPTTAB_COPY.test(name) ? 'etc/crypttab' : COPY.exec(name)?.[1];
      if (index !== undefined) indexes.set(index, data.toString('utf8'));
      else if (copy !== undefined) copies.set(`/${copy}`, data.toString('utf8'));
      else if (MODPROBE_FILE.test(name)) modprobeFiles.push(data.toString('utf8'));
      else extraArguments.set(name, data.toString('utf8'));
    },
  };
}

/** dracut writes `/dev/sda1` as `\x2fdev\x2fsda1` into the names of its hooks. */
function unescapeName(name: string): string {
  return name.replace(/\\x([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
