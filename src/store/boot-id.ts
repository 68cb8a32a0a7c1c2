import { readFile } from 'node:fs/promises';

/** The kernel's name for the time since this machine was booted; undefined where it has none (random(4)). */
export async function readBootId(): Promise<string | undefined> {
  const text = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return text.trim() || undefined;
}
