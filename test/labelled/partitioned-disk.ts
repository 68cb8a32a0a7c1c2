import { execa } from 'execa';
import { makeSparseFile } from '../testbed/disk-image.ts';

const MIB_SECTORS = 2048;

/** A partition with what it holds; it is as large as its image. */
export interface Partition {
  readonly image: string;
  readonly sizeMiB: number;
  /** As sfdisk has it: `83`, `7`, a GUID ... */
  readonly type: string;
  readonly isBootable?: boolean;
  /** The partition's own UUID, in a GPT. */
  readonly uuid?: string;
}

/** Put images of partitions, one after the other, into a raw disk. What is empty stays a hole in the file. */
export async function assembleDisk(
  path: string,
  partitions: readonly Partition[],
  table: 'dos' | 'gpt' = 'dos',
): Promise<void> {
  const ends = partitions.map(
    (_, index) => 1 + partitions.slice(0, index + 1).reduce((sum, one) => sum + one.sizeMiB, 0),
  );
  const startOf = (index: number): number => (index === 0 ? 1 : (ends[index - 1] ?? 1));
  await makeSparseFile(path, ((ends.at(-1) ?? 1) + 1) * MIB_SECTORS * 512); // the copy of a GPT stands at the end
  const lines = partitions.map(
    ({ sizeMiB, type, isBootable, uuid }, index) =>
      `start=${startOf(index) * MIB_SECTORS}, size=${sizeMiB * MIB_SECTORS}, type=${type}${isBootable ? ', bootable' : ''}${uuid ? `, uuid=${uuid}` : ''}`,
  );
  await execa('sfdisk', ['--quiet', path], { input: [`label: ${table}`, ...lines, ''].join('\n') });
  for (const [index, { image }] of partitions.entries()) {
    const copy = ['bs=64K', `seek=${startOf(index) * 16}`, 'conv=notrunc,sparse', 'status=none'];
    await execa('dd', [`if=${image}`, `of=${path}`, ...copy]);
  }
}
