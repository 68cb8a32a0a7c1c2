import type { Guestfish } from '../../guestfs/guestfish.ts';
import { GuestfsError } from '../../guestfs/guestfs-error.ts';
import type { VolumeIdentity } from '../guest-files.ts';

/**
 * What a volume is called on whatever disk it lies, by the name that the system has for it. Only of a guest with one disk:
 * of several nobody knows which letters its kernel gives them, and a wrong UUID would end in somebody's fstab.
 */
export async function identifyVolume(
  fish: Guestfish,
  device: string,
  { disks }: { readonly disks: number },
): Promise<VolumeIdentity | undefined> {
  const [, partition] = /^\/dev\/(?:[shv]|xv)da(\d{0,3})$/.exec(device) ?? [];
  if (partition === undefined || disks !== 1) return undefined;
  try {
    const told = await fish.ask('blkid', `/dev/sda${partition}`);
    const of = (tag: string): string | undefined => new RegExp(`^${tag}: ([\\w-]{1,64})$`, 'm').exec(told)?.[1];
    return { uuid: of('UUID'), partitionUuid: of('PART_ENTRY_UUID') };
  } catch (error) {
    if (error instanceof GuestfsError && error.kind === 'refused') return undefined;
    throw error;
  }
}
