import { VIRTIO_DISK_IDS, type VirtioDiskId } from '../../domain/virtio-id.ts';
import { hardwareIds } from './hardware-ids.ts';
import { type GuestRegistry, numberIn, textIn } from './registry.ts';
import type { EnumeratedDisk } from './windows-facts.ts';

const ENUM = 'SYSTEM\\CurrentControlSet\\Enum\\PCI';
/** More than any guest has had. */
const MAX_DISKS = 64;

/** CONFIGFLAG_DISABLED, _REMOVED, _FAILEDINSTALL (regstr.h): Windows does not start the driver for such a device. */
const FAILED = 0x1 | 0x2 | 0x40;

/**
 * E: the virtio disks that Plug and Play has met, present or not. Key by key: below each lie keys that not even every
 * administrator may read.
 * @throws UnreadableError where that can't be told.
 */
export async function readEnumerated(registry: GuestRegistry): Promise<readonly EnumeratedDisk[]> {
  const disks: EnumeratedDisk[] = [];
  for (const device of (await registry.readKey(ENUM))?.subkeys ?? []) {
    const id = idOf(device);
    if (id === undefined) continue;
    for (const instance of (await registry.readKey(`${ENUM}\\${device}`))?.subkeys ?? []) {
      if (disks.length >= MAX_DISKS) return disks;
      const key = await registry.readKey(`${ENUM}\\${device}\\${instance}`);
      const hasFailed = ((numberIn(key, 'ConfigFlags') ?? 0) & FAILED) !== 0;
      disks.push({ id, service: textIn(key, 'Service'), hasFailed });
    }
  }
  return disks;
}

function idOf(device: string): VirtioDiskId | undefined {
  return VIRTIO_DISK_IDS.find((id) => hardwareIds(id).has(device.toUpperCase()));
}
