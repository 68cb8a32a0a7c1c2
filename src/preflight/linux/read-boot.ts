import { type GuestFiles, orUnreadable, readText, UnreadableError } from '../guest-files.ts';
import type { BootEntry } from './boot-entries.ts';
import { type FoundMenu, findBootMenus } from './boot-menu.ts';
import { configWords } from './config-lines.ts';
import { argumentsNamingDisks, hasRootArgument } from './kernel-arguments.ts';
import { type KernelReading, readKernel, readKernelHead } from './kernel-facts.ts';
import type { LinuxFacts } from './linux-facts.ts';
import { type LoaderView, mountsBoot, rootSubvolume } from './loader-path.ts';
import { blockedModules } from './modules.ts';

/** How many kernels are looked at where the default one can't be told. */
const MAX_KERNELS = 8;
/** Of each kernel, with one initramfs or another. */
const MAX_STARTS = 16;

/** What a system boots with, and the disks that this names. */
export type BootFacts = Omit<LinuxFacts, 'unreadableNames'>;

/** Read what a Linux system boots with. Never throws for what the guest has. */
export async function readBoot(files: GuestFiles): Promise<BootFacts> {
  const menus = await orUnreadable(() => findBootMenus(files));
  if (menus instanceof UnreadableError) return nothingKnown(files, `the boot loader: ${menus.message}`);
  if (menus.length === 0) return nothingKnown(files, 'the boot loader: none that is known was found');
  const fstab = await orUnreadable(() => readText(files, '/etc/fstab'));
  const mounts = configWords(typeof fstab === 'string' ? fstab : '');
  const view = { hasOwnBoot: mountsBoot(mounts), subvolume: rootSubvolume(mounts) };
  const found: FoundStarts[] = [];
  for (const menu of menus) found.push(await findStarts(files, menu, { ...menu, ...view }));
  // of several configurations, one whose kernels are all gone is not what starts the system
  const alive = found.filter(({ isGone }) => !isGone);
  const counted = alive.length > 0 ? alive : found;
  const isDefaultKnown = counted.length === 1 && counted[0]?.isDefaultKnown === true;
  const { kernels, namedDisks, unreadable } = await readStarts(
    files,
    counted.flatMap(({ starts }) => starts),
  );
  return {
    kernels,
    namedDisks,
    isDefaultKnown,
    unreadable: [...counted.flatMap((one) => one.unreadable), ...unreadable],
  };
}

/** A boot entry whose kernel is there. */
interface Start {
  readonly entry: BootEntry;
  readonly file: string;
  readonly view: LoaderView;
  readonly head: Buffer;
}

interface FoundStarts {
  readonly starts: readonly Start[];
  readonly isDefaultKnown: boolean;
  /** Whether not one of its kernels is there. */
  readonly isGone: boolean;
  readonly unreadable: readonly string[];
}

async function findStarts(files: GuestFiles, menu: FoundMenu, view: LoaderView): Promise<FoundStarts> {
  const { file, isDefaultKnown } = menu;
  const starts: Start[] = [];
  const unreadable: string[] = [];
  const heads = new Map<string, Buffer | UnreadableError | undefined>();
  for (const entry of menu.entries) {
    if (!heads.has(entry.kernel)) {
      const head = await orUnreadable(() => readHeadOf(files, entry, { view, count: heads.size }));
      heads.set(entry.kernel, head);
      if (head === undefined) unreadable.push(`boot entry '${entry.id}': ${entry.kernel} is not there`);
      if (head instanceof UnreadableError) unreadable.push(`boot entry '${entry.id}': ${head.message}`);
    }
    const head = heads.get(entry.kernel);
    if (head instanceof Buffer) starts.push({ entry, file, view, head });
  }
  const isGone = [...heads.values()].every((head) => head === undefined);
  return { starts, isDefaultKnown, isGone, unreadable };
}

async function readHeadOf(
  files: GuestFiles,
  entry: BootEntry,
  { view, count }: { readonly view: LoaderView; readonly count: number },
): Promise<Buffer | undefined> {
  if (count >= MAX_KERNELS) throw new UnreadableError(`it has more than ${MAX_KERNELS} kernels`);
  if (entry.kernel === '') throw new UnreadableError('it starts no Linux kernel');
  return readKernelHead(files, entry, view);
}

async function readStarts(files: GuestFiles, starts: readonly Start[]): Promise<Omit<BootFacts, 'isDefaultKnown'>> {
  const read = new Map<string, KernelReading | undefined>();
  const unreadable: string[] = [];
  for (const { entry, view, head } of starts) {
    const key = kernelKey(entry);
    if (read.has(key)) continue;
    const isTooMany = read.size >= MAX_STARTS;
    const reading = isTooMany
      ? new UnreadableError(`it may start in more than ${MAX_STARTS} ways`)
      : await orUnreadable(() => readKernel(files, entry, { head, view }));
    if (reading instanceof UnreadableError) unreadable.push(`boot entry '${entry.id}': ${reading.message}`);
    read.set(key, reading instanceof UnreadableError ? undefined : reading);
  }
  const readings = [...read.values()].filter((reading) => reading !== undefined);
  const byArgument = starts.map(({ entry, file }) => argumentsNamingDisks(entry.args, file));
  return {
    kernels: readings.map(({ facts }) => facts),
    namedDisks: [...byArgument, ...readings.map(({ namedDisks }) => namedDisks)].flat(),
    unreadable,
  };
}

/** Menus start one kernel in several ways: all that matters for the driver is in here. */
function kernelKey({ kernel, initramfs, args }: BootEntry): string {
  return JSON.stringify([kernel, initramfs, [...blockedModules(args, [])], hasRootArgument(args)]);
}

/** Without a boot menu, the command line of the running kernel is the best hint of the next one. */
async function nothingKnown(files: GuestFiles, reason: string): Promise<BootFacts> {
  const running = await orUnreadable(() => readText(files, '/proc/cmdline'));
  const namedDisks = typeof running === 'string' ? argumentsNamingDisks(running, '/proc/cmdline') : [];
  return { kernels: [], isDefaultKnown: false, namedDisks, unreadable: [reason] };
}
