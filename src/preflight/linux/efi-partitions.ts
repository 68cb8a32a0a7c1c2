import { type GuestFiles, orUnreadable, readText, UnreadableError } from '../guest-files.ts';
import type { SystemPartition } from '../uefi/system-partition.ts';
import { configWords } from './config-lines.ts';
import { readUdevDevice } from './udev-database.ts';

/** Where Linux systems mount their EFI system partition. */
const PLACES = ['/boot/efi', '/efi', '/boot'];

/** The EFI system partitions among a Linux system's files. Never throws for what the guest has. */
export async function findEfiPartitions(files: GuestFiles): Promise<SystemPartition[]> {
  const partitions: SystemPartition[] = [];
  for (const root of PLACES) {
    // the first look mounts what systemd mounts on demand
    const names = await orUnreadable(() => files.list(root));
    const { type, device } = await readMount(files, root);
    if (type === undefined ? looksLikeOne(names) : type === 'vfat')
      partitions.push({ files, root, id: await partitionId(files, device) });
  }
  return partitions;
}

/** By its only folder that every one has; `/boot/efi` is a place to mount one, and not the folder of one in `/boot`. */
function looksLikeOne(names: readonly string[] | undefined | UnreadableError): boolean {
  return names instanceof UnreadableError || names?.includes('EFI') === true;
}

/** What a running system has mounted in a place (proc(5), mountinfo); nothing known of one that does not run. */
async function readMount(
  files: GuestFiles,
  place: string,
): Promise<{ readonly type: string | undefined; readonly device: string | undefined }> {
  const text = await orUnreadable(() => readText(files, '/proc/self/mountinfo'));
  if (typeof text !== 'string' || text === '') return { type: undefined, device: undefined };
  const words = configWords(text).findLast(([, , , , mountPoint]) => mountPoint === place);
  return { type: words?.[words.indexOf('-') + 1] ?? '', device: words?.[2] };
}

async function partitionId(files: GuestFiles, number = ''): Promise<string | undefined> {
  const device = await orUnreadable(() => readUdevDevice(files, number));
  if (device === undefined || device instanceof UnreadableError) return undefined;
  return device.properties.get('ID_PART_ENTRY_UUID')?.toLowerCase();
}
