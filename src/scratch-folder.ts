import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `inspect`: overlays and sockets of an inspection; `plan`: a definition for virsh to read. */
type Purpose = 'inspect' | 'plan';

const NAME = /^virtioize-(?:inspect|plan)-(\d+)-/;

/** Work with a folder of one's own (0700), which is gone afterwards. What a killed virtioize left is removed first. */
export async function withScratchFolder<T>(purpose: Purpose, work: (folder: string) => Promise<T>): Promise<T> {
  await removeLeftBehind();
  const folder = await mkdtemp(join(tmpdir(), `virtioize-${purpose}-${process.pid}-`));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function removeLeftBehind(): Promise<void> {
  for (const name of await readdir(tmpdir()).catch(() => [])) {
    const pid = Number(NAME.exec(name)?.[1] ?? process.pid);
    const folder = join(tmpdir(), name);
    if (!isAlive(pid) && (await isOurs(folder))) await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}

/** In a folder of somebody else's that is being removed, a link put in at the right moment would lead root elsewhere. */
async function isOurs(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isDirectory() === true && found.uid === process.getuid?.();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
