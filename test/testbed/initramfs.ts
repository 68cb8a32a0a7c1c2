import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { execa } from 'execa';
import { type DebianKernel, initramfsDrivers, installModules, moduleFiles } from './debian-kernel.ts';
import { initramfsInit } from './guest-scripts.ts';
import { type ArchiveEntry, newcArchive } from './newc-archive.ts';

const applets = ['cat', 'findfs', 'mkdir', 'modprobe', 'mount', 'sh', 'sleep', 'sort', 'switch_root'];

export interface InitramfsOptions {
  kernel: DebianKernel;
  busybox: string;
  /** Whether the initramfs holds virtio_blk, without which no root on a virtio disk is found. */
  virtioBlk: boolean;
  compression: 'gzip' | 'zstd';
}

/** Build an initramfs laid out as Debian's own: modules under `usr/lib/modules/<version>/kernel/`. */
export async function buildInitramfs({ kernel, busybox, virtioBlk, compression }: InitramfsOptions): Promise<Buffer> {
  const drivers = virtioBlk ? [...initramfsDrivers, 'virtio_blk'] : initramfsDrivers;
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
    ]),
  );
  return compression === 'zstd' ? compressWithZstd(archive) : promisify(gzip)(archive, { level: 6 });
}

/** The modules and the indexes that modprobe needs, made for these modules alone. */
async function moduleEntries(kernel: DebianKernel, drivers: readonly string[]): Promise<ArchiveEntry[]> {
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

function withParentFolders(entries: readonly ArchiveEntry[]): ArchiveEntry[] {
  const folders = new Set(['proc', 'root', 'sys']);
  for (const { path } of entries) {
    for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) folders.add(parent);
  }
  return [...[...folders].sort().map((path) => ({ type: 'folder', path }) as const), ...entries];
}

async function compressWithZstd(archive: Buffer): Promise<Buffer> {
  const { stdout } = await execa('zstd', ['--stdout', '--quiet', '-10'], { input: archive, encoding: 'buffer' });
  return Buffer.from(stdout);
}
