import { type GuestFiles, readText, UnreadableError } from '../guest-files.ts';
import type { BootEntry } from './boot-entries.ts';
import { findBootMenu } from './boot-menu.ts';
import { argumentsNamingDisks, NAMING_FILES, type NamedDisk } from './device-names.ts';
import { changesOnVirtio } from './device-path.ts';
import { type Initramfs, moduleName, readInitramfs } from './initramfs.ts';
import type { KernelFacts, LinuxFacts } from './linux-facts.ts';

/** How many boot entries are looked at where the default one can't be told. */
const MAX_ENTRIES = 8;

/** Gather from a Linux system's files what decides whether it boots from virtio. Never throws for what the guest has. */
export async function readLinux(files: GuestFiles): Promise<LinuxFacts> {
  const unreadable: string[] = [];
  const attempt = async <T>(what: string, read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error;
      unreadable.push(`${what}: ${error.message}`);
      return undefined;
    }
  };
  const namedDisks: NamedDisk[] = [];
  for (const [path, read] of NAMING_FILES) {
    const text = await attempt(path, () => readText(files, path));
    if (text !== undefined) namedDisks.push(...read(text, path));
  }
  const menu = await attempt('the boot loader', () => findBootMenu(files));
  const entries = (menu?.entries ?? []).filter(({ kernel }) => kernel !== '').slice(0, MAX_ENTRIES);
  const kernels: KernelFacts[] = [];
  const seen = new Map<string, KernelFacts>();
  for (const entry of entries) {
    namedDisks.push(...argumentsNamingDisks(entry.args, menu?.file ?? ''));
    const key = entry.kernel + entry.initramfs.join();
    const known = seen.get(key);
    const facts = known ?? (await attempt(`boot entry '${entry.id}'`, () => readKernel(files, entry, namedDisks)));
    if (facts === undefined || known !== undefined) continue;
    seen.set(key, facts);
    kernels.push(facts);
  }
  if (menu === undefined && unreadable.length === 0) unreadable.push('the boot loader: none that is known was found');
  return { kernels, isDefaultKnown: menu?.isDefaultKnown ?? false, namedDisks: unique(namedDisks), unreadable };
}

async function readKernel(files: GuestFiles, entry: BootEntry, namedDisks: NamedDisk[]): Promise<KernelFacts> {
  const images = await Promise.all(entry.initramfs.map((path) => readImage(files, path)));
  for (const { path, image } of images) namedDisks.push(...disksNamedInside(path, image));
  const version = kernelVersion(entry) ?? images.flatMap(({ image }) => [...image.kernels])[0];
  const folder = `/lib/modules/${version}`;
  const builtIn = moduleNames((await readVersionFile(files, version, `${folder}/modules.builtin`)) ?? '');
  const dependencies = (await readVersionFile(files, version, `${folder}/modules.dep`)) ?? '';
  const inside = new Set(images.flatMap(({ image }) => [...image.modules]));
  const modules = neededModules(dependencies).map((name) => {
    const place = builtIn.has(name) ? 'built in' : inside.has(name) ? 'in the initramfs' : 'missing';
    return [name, place] as const;
  });
  return {
    version: version ?? entry.id,
    initramfs: images.map(({ path }) => path).join(' '),
    modules: new Map(modules),
  };
}

async function readImage(files: GuestFiles, path: string): Promise<{ path: string; image: Initramfs }> {
  for (const candidate of placesOf(path)) {
    const content = await files.open(candidate);
    if (content === undefined) continue;
    try {
      return { path: candidate, image: await readInitramfs(content) };
    } catch (error) {
      throw error instanceof UnreadableError ? new UnreadableError(`${candidate}: ${error.message}`) : error;
    }
  }
  throw new UnreadableError(`${path} is not there`);
}

/** A boot loader sees its own file system: /boot may be one, and btrfs puts a subvolume's name in front. */
function placesOf(path: string): string[] {
  const inner = path.replace(/^\/@[^/]*/, '');
  return [...new Set([path, `/boot${path}`, inner])];
}

function kernelVersion({ kernel }: BootEntry): string | undefined {
  return /\/?(?:vmlinu[xz]|kernel|Image)-(\d+\.\d[^/]*)$/.exec(kernel)?.[1];
}

async function readVersionFile(
  files: GuestFiles,
  version: string | undefined,
  path: string,
): Promise<string | undefined> {
  if (version === undefined || version.includes('/') || version.includes('..')) return undefined;
  return readText(files, path);
}

const DRIVERS = ['virtio_blk', 'virtio_pci'];

/** The drivers of a virtio disk on PCI, with the modules that modules.dep says they need. */
function neededModules(dependencies: string): string[] {
  const needed = new Set(DRIVERS);
  for (const line of dependencies.split('\n')) {
    const [module = '', list = ''] = line.split(':');
    if (DRIVERS.includes(baseName(module)))
      for (const path of list.split(/\s+/).filter(Boolean)) needed.add(baseName(path));
  }
  return [...needed];
}

function moduleNames(list: string): Set<string> {
  return new Set(list.split('\n').filter(Boolean).map(baseName));
}

function baseName(path: string): string {
  return moduleName(path.replace(/^.*\//, '').replace(/\.ko(?:\.\w+)?$/, ''));
}

function disksNamedInside(path: string, { deviceHooks, extraArguments }: Initramfs): NamedDisk[] {
  const hooks = deviceHooks
    .filter((device) => changesOnVirtio(device))
    .map((device) => ({ file: path, device, purpose: 'a hook that waits for its disk', stopsBoot: true }));
  const args = [...extraArguments].flatMap(([name, text]) => argumentsNamingDisks(text, `${path}:${name}`));
  return [...hooks, ...args];
}

function unique(named: readonly NamedDisk[]): NamedDisk[] {
  return [...new Map(named.map((one) => [JSON.stringify(one), one])).values()];
}
