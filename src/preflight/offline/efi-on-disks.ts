import type { Guestfish } from '../../guestfs/guestfish.ts';
import type { FoundOnDisks } from '../../guestfs/systems.ts';
import { type GuestFiles, orUnreadable, UnreadableError } from '../guest-files.ts';
import type { SystemPartition } from '../uefi/system-partition.ts';
import { type OfflineFilesOptions, offlineFiles } from './offline-files.ts';

/**
 * The EFI system partitions on a guest's disks. Each is mounted when it is looked into, in place of whatever was mounted
 * before: a system's own files can't be read any more then.
 */
export async function findEfiOnDisks(
  fish: Guestfish,
  { fileSystems }: FoundOnDisks,
  { scratch }: Pick<OfflineFilesOptions, 'scratch'>,
): Promise<SystemPartition[]> {
  const partitions: SystemPartition[] = [];
  for (const [device, type] of fileSystems) {
    if (type !== 'vfat') continue;
    const files = mountedAlone(fish, device, offlineFiles(fish, { scratch, ignoresCase: true }));
    const folder = await orUnreadable(() => files.list('/EFI'));
    if (folder === undefined || folder instanceof UnreadableError) continue;
    partitions.push({ files, root: '', id: await readPartitionId(fish, device) });
  }
  return partitions;
}

function mountedAlone(fish: Guestfish, device: string, files: GuestFiles): GuestFiles {
  const mount = async (): Promise<void> => {
    await fish.ask('umount-all');
    await fish.ask('mount-ro', device, '/');
  };
  return {
    async open(path) {
      await mount();
      return files.open(path);
    },
    async list(folder) {
      await mount();
      return files.list(folder);
    },
  };
}

async function readPartitionId(fish: Guestfish, device: string): Promise<string | undefined> {
  return /^PART_ENTRY_UUID: (\S+)$/m.exec(await fish.ask('blkid', device))?.[1]?.toLowerCase();
}
