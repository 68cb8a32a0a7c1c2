import { join } from 'node:path';
import type { TestHost } from '../test-host.ts';
import { buildDataDisk } from '../testbed/data-images.ts';
import type { GuestDisk } from '../testbed/guest-xml.ts';

const DATA_UUID = '7e57bed0-0000-4000-8000-0000000000da';

/** The line of fstab that mounts a data disk wherever it is attached. */
export const MOUNT_DATA = `UUID=${DATA_UUID} /data ext4 defaults 0 2`;

/** A guest's second disk, with a file system that holds `/hello`. */
export async function createDataDisk(
  host: TestHost,
  name: string,
  disk: Omit<GuestDisk, 'path' | 'format'>,
): Promise<GuestDisk> {
  const path = join(host.folder, `${name}-data.qcow2`);
  const volume = { fsUuid: DATA_UUID, label: 'data', files: { '/hello': 'data' }, sizeMiB: 24 };
  await buildDataDisk({ path, format: 'qcow2', ...volume });
  return { ...disk, path, format: 'qcow2' };
}
