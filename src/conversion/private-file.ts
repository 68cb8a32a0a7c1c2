import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withScratchFolder } from '../scratch-folder.ts';

/** Give virsh a definition to read: in a file that nobody else can, for it may hold passwords, and that is gone after. */
export async function withPrivateFile<T>(content: string, use: (file: string) => Promise<T>): Promise<T> {
  return withScratchFolder('plan', async (folder) => {
    const file = join(folder, 'domain.xml');
    await writeFile(file, content, { mode: 0o600 });
    return use(file);
  });
}
