import type { VolumeIdentity } from '../guest-files.ts';

/** `UUID=...` or `PARTUUID=...` for a volume; undefined where neither is known. */
export function stableName(volume: VolumeIdentity | undefined): string | undefined {
  if (volume?.uuid !== undefined) return `UUID=${volume.uuid}`;
  return volume?.partitionUuid === undefined ? undefined : `PARTUUID=${volume.partitionUuid}`;
}

/** The same as a path, for where only a path will do. A partition's, for a file system on several disks has one UUID. */
function stablePath(volume: VolumeIdentity | undefined): string | undefined {
  if (volume?.partitionUuid !== undefined) return `/dev/disk/by-partuuid/${volume.partitionUuid}`;
  return volume?.uuid === undefined ? undefined : `/dev/disk/by-uuid/${volume.uuid}`;
}

const MAX_LINE = 300;

/**
 * A line of fstab or crypttab with a volume's stable name in place of another; undefined where that can't be told, or the
 * line is longer than is shown, or holds what no such line has.
 */
export function stableLine(
  fields: readonly string[],
  device: string,
  volume: VolumeIdentity | undefined,
): string | undefined {
  const words = fields.map((field) => {
    if (field === device) return stableName(volume);
    // btrfs finds the other disks of a file system by itself
    const kept = field.split(',').filter((option) => option !== `device=${device}`);
    const path = stablePath(volume);
    return path === undefined && kept.some((option) => option.includes(device))
      ? undefined
      : kept.join(',').split(device).join(path) || 'defaults';
  });
  if (words.includes(undefined)) return undefined;
  const line = words.join(' ');
  return line.length <= MAX_LINE && /^[\w/:.,@+=\\ -]*$/.test(line) ? line : undefined;
}

/** The command that shows what a volume is called. For people to copy: it never holds what a shell would take for its own. */
export function blkidFor(device: string): string {
  return `'blkid ${/^[\w/:.@+-]{1,100}$/.test(device) ? device : 'DEVICE'}'`;
}
