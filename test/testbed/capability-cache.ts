import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { cpus, release } from 'node:os';
import { cachedFolder } from './cache-folder.ts';
import { firstAllowedCore } from './pinned-virsh.ts';

/** Where libvirt's QEMU driver is loaded into, and what of it is kept apart for that: each has a driver of another age, to libvirt. */
const DRIVERS = {
  virsh: { file: '/usr/bin/virsh', name: 'capabilities-1' },
  libvirtd: { file: '/usr/sbin/libvirtd', name: 'daemon-capabilities-1' },
} as const;

/**
 * Return a folder with what libvirt's QEMU driver keeps in its cache folder, made by `learn` where it is not known yet for this
 * machine, this user and these versions. Copied to a new libvirt, it saves the seconds that asking QEMU takes.
 */
export async function capabilityCache(
  driver: keyof typeof DRIVERS,
  learn: (cacheFolder: string) => Promise<void>,
): Promise<string> {
  const { file, name } = DRIVERS[driver];
  // libvirt learns QEMU's capabilities anew when one of these changed, or the kernel, the processor or the core it runs on.
  const sources = ['/usr/bin/qemu-system-x86_64', file, '/usr/lib/x86_64-linux-gnu/qemu'];
  const changes = await Promise.all(sources.map(async (path) => (await stat(path).catch(() => undefined))?.ctimeMs));
  const host = [release(), cpus()[0]?.model, await firstAllowedCore(), process.getuid?.()];
  const key = createHash('sha256')
    .update(JSON.stringify([...changes, ...host]))
    .digest('hex');
  return cachedFolder(`${name}-${key.slice(0, 16)}`, learn);
}
