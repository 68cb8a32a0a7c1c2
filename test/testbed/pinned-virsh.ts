import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/**
 * Make a `virsh` below `folder` that is the real one on one core, and return the folder to put first in PATH.
 *
 * libvirt asks QEMU again what it can do (3.5 s) whenever the host's CPUID has changed since, and where there is a
 * /dev/kvm, it compares a leaf that holds the core's own number (0x1f). The guests that virsh starts run on all cores: libvirt sees to that.
 */
export async function pinVirsh(folder: string): Promise<string> {
  const bin = join(folder, 'bin');
  const { stdout: virsh } = await execa('which', ['virsh']);
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, 'virsh'), `#!/bin/sh\nexec taskset -c ${await firstAllowedCore()} ${virsh} "$@"\n`);
  await chmod(join(bin, 'virsh'), 0o755);
  return bin;
}

/** The first core this process may run on. */
export async function firstAllowedCore(): Promise<number> {
  return Number.parseInt(await allowedCores(), 10);
}

/** The cores this process may run on, as taskset takes them: `0-3`. */
export async function allowedCores(): Promise<string> {
  const status = await readFile('/proc/self/status', 'utf8');
  return /^Cpus_allowed_list:\s*(\d\S*)/m.exec(status)?.[1] ?? '0';
}
