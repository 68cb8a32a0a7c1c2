import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Give virsh a definition to read: in a file that nobody else can, for it may hold passwords, and that is gone after. */
export async function withPrivateFile<T>(content: string, use: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'virtioize-plan-'));
  try {
    const file = join(folder, 'domain.xml');
    await writeFile(file, content, { mode: 0o600 });
    return await use(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
