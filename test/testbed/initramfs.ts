import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Compression, compress } from './compression.ts';
import { initramfsInit } from './guest-scripts.ts';
import { type GuestKernel, initramfsDrivers, installModules, moduleFiles } from './kernel-files.ts';
import { type ArchiveEntry, newcArchive } from './newc-archive.ts';

const applets = ['cat', 'findfs', 'mkdir', 'modprobe', 'mount', 'sh', 'sleep', 'sort', 'switch_root'];

export interface InitramfsOptions {
  kernel: GuestKernel;
  busybox: string;
  /** Whether the initramfs holds virtio_blk, without which no root on a virtio disk is found. */
  virtioBlk: boolean;
  compression: Compression;
  /** Drivers beside the usual ones, and usual ones that are left out. */
  moreDrivers?: readonly string[];
  lessDrivers?: readonly string[];
  /** Files and links beside the usual ones; their folders are made. */
  moreEntries?: readonly ArchiveEntry[];
  /** Whether a plain archive with microcode for the processor stands in front, as dracut and Debian's tools have it. */
  hasMicrocode?: boolean;
}

/** Build an initramfs laid out as Debian's own: modules under `usr/lib/modules/<version>/kernel/`. */
export async function buildInitramfs(options: InitramfsOptions): Promise<Buffer> {
  const { kernel, busybox, virtioBlk, moreDrivers = [], lessDrivers = [], moreEntries = [] } = options;
  const all = [...initramfsDrivers, ...moreDrivers, ...(virtioBlk ? ['virtio_blk'] : [])];
  const drivers = all.filter((driver) => !lessDrivers.includes(driver));
  const archive = newcArchive(
    withParentFolders([
      { type: 'file', path: 'init', content: initramfsInit, mode: 0o755 },
      { type: 'characterDevice', path: 'dev/console', major: 5, minor: 1 },
      { type: 'link', path: 'bin', target: 'usr/bin' },
      { type: 'link', path: 'sbin', target: 'usr/bin' },
      { type: 'link', path: 'lib', target: 'usr/lib' },
      { type: 'file', path: 'usr/bin/busybox', content: await readFile(busybox), mode: 0o755 },
      ...applets.map((applet) => ({ type: 'link', path: `usr/bin/${applet}`, target: 'busybox' }) as const),
      ...(await moduleEntries(kernel, drivers)),
      ...moreEntries,
    ]),
  );
  const compressed = await compress(archive, options.compression);
  return options.hasMicrocode ? Buffer.concat([microcodeArchive(), compressed]) : compressed;
}

/** Not a processor's, so that it is left alone. Padded, as dracut does. */
export function microcodeArchive(): Buffer {
  const path = 'kernel/x86/microcode/GenuineIntel.bin';
  const archive = newcArchive(withParentFolders([{ type: 'file', path, content: Buffer.alloc(1024) }], []));
  return Buffer.concat([archive, Buffer.alloc(512 - (archive.length % 512))]);
}

/** The modules and the indexes that modprobe needs, made for these modules alone. */
async function moduleEntries(kernel: GuestKernel, drivers: readonly string[]): Promise<ArchiveEntry[]> {
  const folder = await mkdtemp(join(tmpdir(), 'virtioize-initramfs-'));
  try {
    const modules = await moduleFiles(kernel.modulesFolder, drivers);
    await installModules(kernel, modules, folder);
    const files = [...modules, 'modules.alias', 'modules.builtin', 'modules.dep'];
    return await Promise.all(
      files.map(async (file) => ({
        type: 'file' as const,
        path: `usr/lib/modules/${kernel.version}/${file}`,
        content: await readFile(join(folder, 'lib/modules', kernel.version, file)),
      })),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

function withParentFolders(
  entries: readonly ArchiveEntry[],
  emptyFolders: readonly string[] = ['proc', 'root', 'sys'],
): ArchiveEntry[] {
  const folders = new Set(emptyFolders);
  for (const { path } of entries) {
    for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) folders.add(parent);
  }
  return [...[...folders].sort().map((path) => ({ type: 'folder', path }) as const), ...entries];
}
