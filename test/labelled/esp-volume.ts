import { writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { makeSparseFile } from '../testbed/disk-image.ts';

/** Make an EFI system partition (FAT16) with files by path. */
export async function makeEspVolume(
  path: string,
  sizeMiB: number,
  files: Readonly<Record<string, Buffer | string>>,
): Promise<void> {
  await makeSparseFile(path, sizeMiB * 1024 * 1024);
  await execa('mformat', ['-i', path, '-v', 'ESP', '-N', '7E57BED0', '::']);
  const draft = `${path}.file`;
  const made = new Set<string>();
  for (const [name, content] of Object.entries(files)) {
    for (const parent of parentsOf(name)) {
      if (!made.has(parent)) await execa('mmd', ['-i', path, `::${parent}`]);
      made.add(parent);
    }
    await writeFile(draft, content);
    await execa('mcopy', ['-i', path, draft, `::${name}`]);
  }
}

/** `/EFI/BOOT/BOOTX64.EFI` -> `/EFI`, `/EFI/BOOT` */
function parentsOf(path: string): string[] {
  const names = path.split('/').slice(1, -1);
  return names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`);
}
