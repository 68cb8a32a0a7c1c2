import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { cpus, release } from 'node:os';
import { cachedFolder } from './cache-folder.ts';
import { firstAllowedCore } from './pinned-virsh.ts';

/** libvirt learns QEMU's capabilities anew when one of these changed, or the kernel, the processor or the core it runs on. */
const sources = ['/usr/bin/qemu-system-x86_64', '/usr/bin/virsh', '/usr/lib/x86_64-linux-gnu/qemu'];

/**
 * Return a folder with what libvirt's QEMU driver keeps under `cache/`, made by `learn` where it is not known yet for this
 * machine, this user and these versions. Copied into a new root, it saves the seconds that asking QEMU takes.
 */
export async function capabilityCache(learn: (cacheFolder: string) => Promise<void>): Promise<string> {
  const changes = await Promise.all(sources.map(async (path) => (await stat(path).catch(() => undefined))?.ctimeMs));
  const host = [release(), cpus()[0]?.model, await firstAllowedCore(), process.getuid?.()];
  const key = createHash('sha256')
    .update(JSON.stringify([...changes, ...host]))
    .digest('hex');
  return cachedFolder(`capabilities-1-${key.slice(0, 16)}`, learn);
}
