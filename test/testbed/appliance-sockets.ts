import { readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The folders with sockets of libguestfs' appliances that were made since a time, and that nobody listens to any more. */
export async function deadSocketFolders(since: Date): Promise<string[]> {
  const names = (await readdir(tmpdir())).filter((name) => /^libguestfs\w{6}$/.test(name));
  const used = await readFile('/proc/net/unix', 'utf8');
  const dead: string[] = [];
  for (const folder of names.map((name) => join(tmpdir(), name))) {
    const found = await stat(join(folder, 'guestfsd.sock')).catch(() => undefined);
    if (found !== undefined && found.mtime >= since && !used.includes(folder)) dead.push(folder);
  }
  return dead;
}
