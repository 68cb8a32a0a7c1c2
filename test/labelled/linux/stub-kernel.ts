import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GuestKernel } from '../../testbed/kernel-files.ts';
import { newcArchive } from '../../testbed/newc-archive.ts';

/** The head of a kernel's image is what tells its version. */
const IMAGE_BYTES = 0x2_0000;

/** What is installed of a kernel that only stands in the menu. */
export interface StubKernel {
  readonly image: Buffer;
  readonly initramfs: Buffer;
  /** By path below its folder of modules. */
  readonly moduleIndexes: Readonly<Record<string, string>>;
}

/** Make a kernel of another version, with the same modules, that nothing can start. */
export async function makeStubKernel(
  kernel: GuestKernel,
  version: string,
  { virtioBlk }: { readonly virtioBlk: boolean },
): Promise<StubKernel> {
  const readIndex = (name: string): Promise<string> => readFile(join(kernel.modulesFolder, name), 'utf8');
  const dependencies = await readIndex('modules.dep');
  const files = [...dependencies.matchAll(/^(\S+):/gm)].map(([, file = '']) => file);
  const wanted = files.filter((file) => file.includes('/virtio/') || (virtioBlk && file.endsWith('/virtio_blk.ko')));
  const initramfs = newcArchive(
    wanted.map((file) => ({ type: 'file', path: `usr/lib/modules/${version}/${file}`, content: 'stub' })),
  );
  return {
    image: renamed(await readFile(kernel.image), version).subarray(0, IMAGE_BYTES),
    initramfs,
    moduleIndexes: { 'modules.dep': dependencies, 'modules.builtin': await readIndex('modules.builtin') },
  };
}

/** Write a version into the head of a kernel's image (Linux, Documentation/arch/x86/boot.rst: `kernel_version`). */
function renamed(image: Buffer, version: string): Buffer {
  const copy = Buffer.from(image);
  const offset = 0x200 + copy.readUInt16LE(0x20e);
  copy.fill(0, offset, copy.indexOf(0, offset));
  copy.write(`${version} (testbed) #1 SMP`, offset, 'latin1');
  return copy;
}
