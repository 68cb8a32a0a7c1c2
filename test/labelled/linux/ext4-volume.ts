import { makeExt4, makeSparseFile } from '../../testbed/disk-image.ts';

export interface Ext4Options {
  readonly sizeMiB: number;
  readonly uuid: string;
  readonly label: string;
  /** The folder that it is filled with. */
  readonly contents: string;
}

/** Make an image of an ext4 file system. */
export async function makeExt4Volume(image: string, { sizeMiB, uuid, label, contents }: Ext4Options): Promise<void> {
  await makeSparseFile(image, sizeMiB * 1024 * 1024);
  await makeExt4({ image, sizeMiB, fsUuid: uuid, label, contents }, 0);
}
