import { type GuestFiles, readHead, readText, UnreadableError } from '../guest-files.ts';
import type { BootEntry } from './boot-entries.ts';
import { readNamingFile } from './device-names.ts';
import { changesOnVirtio } from './device-path.ts';
import { readInitramfs } from './initramfs.ts';
import type { Initramfs } from './initramfs-listing.ts';
import { argumentsNamingDisks, hasRootArgument } from './kernel-arguments.ts';
import { KERNEL_HEAD_BYTES, kernelRelease, versionInName } from './kernel-image.ts';
import type { KernelFacts } from './linux-facts.ts';
import { type LoaderView, placesOf } from './loader-path.ts';
import { blockedModules, builtInByConfig, DRIVERS } from './modules.ts';
import type { NamedDisk } from './named-disk.ts';
import { placeModules } from './place-modules.ts';

const MAX_INDEX_BYTES = 8 * 1024 * 1024;

export interface KernelReading {
  readonly facts: KernelFacts;
  /** Disks that the initramfs names. */
  readonly namedDisks: readonly NamedDisk[];
}

interface Image {
  readonly path: string;
  readonly content: Initramfs;
}

/**
 * Look at what one boot entry starts.
 * @param head the first bytes of its kernel.
 * @throws UnreadableError where that can't be told.
 */
export async function readKernel(
  files: GuestFiles,
  entry: BootEntry,
  { head, view }: { readonly head: Buffer; readonly view: LoaderView },
): Promise<KernelReading> {
  const images: Image[] = [];
  for (const path of entry.initramfs) images.push(await readImage(files, placesOf(path, view)));
  const version = versionOf(entry, head, images);
  const extra = images.flatMap(({ content }) => [...content.extraArguments.values()]).join(' ');
  const blocked = blockedModules(
    `${extra} ${entry.args}`,
    images.flatMap(({ content }) => content.modprobeFiles),
  );
  const inside = new Set(images.flatMap(({ content }) => [...(content.modules.get(version) ?? [])]));
  const isLoose = (name: string): boolean => images.some(({ content }) => content.looseModules.has(name));
  if (DRIVERS.some((name) => !inside.has(name) && isLoose(name)))
    throw new UnreadableError('its initramfs has modules in no folder of a kernel, and loads them in its own way');
  const modules = placeModules(version, {
    builtIn: (await readIndex(files, images, `${version}/modules.builtin`)) ?? (await readConfig(files, version)),
    dependencies: await readIndex(files, images, `${version}/modules.dep`),
    placeOf: (name) => (!inside.has(name) ? 'missing' : blocked.has(name) ? 'blocked' : 'in the initramfs'),
  });
  return {
    facts: {
      version,
      initramfs: images.map(({ path }) => path).join(' '),
      maker: images.map(({ content }) => content.maker).find((maker) => maker !== undefined),
      modules,
    },
    namedDisks: images.flatMap(({ path, content }) => disksNamedInside(path, content, entry)),
  };
}

/** The first bytes of an entry's kernel, or undefined where there is no such file. */
export async function readKernelHead(
  files: GuestFiles,
  { kernel }: BootEntry,
  view: LoaderView,
): Promise<Buffer | undefined> {
  for (const place of placesOf(kernel, view)) {
    const head = await readHead(files, place, KERNEL_HEAD_BYTES);
    if (head !== undefined) return head;
  }
  return undefined;
}

async function readImage(files: GuestFiles, places: readonly string[]): Promise<Image> {
  for (const path of places) {
    const content = await files.open(path);
    if (content === undefined) continue;
    try {
      return { path, content: await readInitramfs(content) };
    } catch (error) {
      throw error instanceof UnreadableError ? new UnreadableError(`${path}: ${error.message}`) : error;
    }
  }
  throw new UnreadableError(`${places[0]} is not there`);
}

/** The kernel's own word counts; where it has none, its name does, as long as the initramfs does not say otherwise. */
function versionOf({ kernel }: BootEntry, head: Buffer, images: readonly Image[]): string {
  const release = kernelRelease(head);
  if (release !== undefined) return release;
  const inside = new Set(images.flatMap(({ content }) => [...content.modules.keys()]));
  const version = versionInName(kernel) ?? (inside.size === 1 ? [...inside][0] : undefined);
  if (version === undefined) throw new UnreadableError(`${kernel} does not tell its version`);
  if (inside.size > 0 && !inside.has(version))
    throw new UnreadableError(`${kernel} comes with modules of another kernel (${[...inside].join(', ')})`);
  return version;
}

/** A module index of the system, or of the initramfs where the system has none (any more). */
async function readIndex(files: GuestFiles, images: readonly Image[], name: string): Promise<string | undefined> {
  for (const folder of ['/lib/modules', '/usr/lib/modules']) {
    const text = await readText(files, `${folder}/${name}`, MAX_INDEX_BYTES);
    if (text !== undefined) return text;
  }
  return images.map(({ content }) => content.indexes.get(name)).find((text) => text !== undefined);
}

/** What is built in, by the kernel's configuration: kernels before 2.6.33 and those without modules have no list of it. */
async function readConfig(files: GuestFiles, version: string): Promise<string | undefined> {
  for (const path of [`/boot/config-${version}`, `/lib/modules/${version}/config`]) {
    const text = await readText(files, path);
    if (text?.includes('\nCONFIG_') === true) return builtInByConfig(text);
  }
  return undefined;
}

function disksNamedInside(path: string, content: Initramfs, { args }: BootEntry): NamedDisk[] {
  const hooks = content.deviceHooks
    .filter((device) => changesOnVirtio(device))
    .map((device) => ({ file: path, device, purpose: 'a disk that it waits for', stopsBoot: true }));
  const added = [...content.extraArguments].flatMap(([name, text]) => argumentsNamingDisks(text, `${path}:${name}`));
  // the boot loader's root= comes later and counts
  const isOverruled = ({ purpose }: NamedDisk): boolean =>
    purpose === 'the kernel argument root=' && hasRootArgument(args);
  const copies = [...content.copies].flatMap(([name, text]) => readNamingFile(name, text, `${path}:${name}`));
  const found = [...hooks, ...added.filter((one) => !isOverruled(one)), ...copies];
  return found.map((one) => ({ ...one, entry: { kind: 'inside an initramfs' } }));
}
