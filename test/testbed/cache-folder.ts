import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { repository } from '../repository.ts';

const filling = new Map<string, Promise<string>>();

/**
 * Return the folder `.cache/testbed/<name>` of this repository, filled by `fill` where it does not exist yet.
 *
 * Several processes may ask at once: each fills a folder of its own, the first to finish gives it the final name, and
 * the others drop theirs. A folder under its final name is therefore always complete.
 */
export function cachedFolder(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const known = filling.get(name);
  if (known) return known;
  const made = fillOnce(cachePlace(name), fill);
  filling.set(name, made);
  made.catch(() => filling.delete(name));
  return made;
}

/** Whether a folder is filled already. */
export function isCached(name: string): boolean {
  return existsSync(cachePlace(name));
}

/** Where a folder is, or would be. */
export function cachePlace(name: string): string {
  return join(repository, '.cache', 'testbed', name);
}

async function fillOnce(folder: string, fill: (folder: string) => Promise<void>): Promise<string> {
  if (existsSync(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  const draft = await mkdtemp(`${folder}.draft-`);
  try {
    await fill(draft);
    await rename(draft, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}
