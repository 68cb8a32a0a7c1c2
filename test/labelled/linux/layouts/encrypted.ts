import { join } from 'node:path';
import { type Layout, ROOT_SIZE_MIB, UUIDS } from '../layout.ts';
import { makeLuksVolume } from '../luks-volume.ts';
import { assembleWithBoot, makeBootPartition } from './partitioned.ts';

/** The root in LUKS, whose key nobody has: what it holds can't be read, so it is left empty. */
export const encrypted: Layout = {
  loaderBoot: '',
  bootUuid: UUIDS.boot,
  root: '/dev/mapper/root',
  fstab: [],
  async build(parts) {
    const root = join(parts.folder, 'root.luks');
    const boot = await makeBootPartition(parts);
    await makeLuksVolume(root, ROOT_SIZE_MIB);
    await assembleWithBoot([boot, { image: root, sizeMiB: ROOT_SIZE_MIB, type: '83' }], parts);
  },
};
