import { type GuestFiles, orUnreadable, readText, UnreadableError, type VolumeIdentity } from '../guest-files.ts';
import { readUdevDevice, type UdevDevice } from './udev-database.ts';

/** As many as findings are shown. */
const MAX_VOLUMES = 40;

/**
 * What volumes are called on whatever disk they lie, by the names that they have now. Those that can't be told are left
 * out. Never throws for what the guest has.
 */
export async function identifyVolumes(
  files: GuestFiles,
  devices: Iterable<string>,
): Promise<Map<string, VolumeIdentity>> {
  const identities = new Map<string, VolumeIdentity>();
  const links = new Map<string, UdevDevice>();
  for (const device of [...new Set(devices)].slice(0, MAX_VOLUMES)) {
    const identity = await orUnreadable(async () =>
      files.identify === undefined ? identifyLive(files, device, links) : files.identify(device),
    );
    if (identity === undefined || identity instanceof UnreadableError) continue;
    const [uuid, partitionUuid] = [soundUuid(identity.uuid), soundUuid(identity.partitionUuid)];
    if (uuid !== undefined || partitionUuid !== undefined) identities.set(device, { uuid, partitionUuid });
  }
  return identities;
}

/** UUIDs, and what FAT and NTFS have instead; nothing that a shell would take for its own. */
function soundUuid(text: string | undefined): string | undefined {
  return text !== undefined && /^[0-9A-Za-z-]{4,64}$/.test(text) ? text : undefined;
}

/** A running system's kernel and udev tell. */
async function identifyLive(
  files: GuestFiles,
  device: string,
  links: Map<string, UdevDevice>,
): Promise<VolumeIdentity | undefined> {
  const number = await deviceNumber(files, device);
  if (number !== undefined) return identityOf(await readUdevDevice(files, number));
  if (links.size === 0) await readLinks(files, links);
  return identityOf(links.get(device.replace(/^\/dev\//, '')));
}

function identityOf(device: UdevDevice | undefined): VolumeIdentity | undefined {
  if (device === undefined) return undefined;
  const { properties } = device;
  return { uuid: properties.get('ID_FS_UUID'), partitionUuid: properties.get('ID_PART_ENTRY_UUID') };
}

/** The number of a kernel's name (`/dev/sda1`), or of what is one already (`8:1`, `801`: `root=` may be given so). */
async function deviceNumber(files: GuestFiles, device: string): Promise<string | undefined> {
  const given = /^(?:\/dev\/block\/)?(\d{1,4}:\d{1,8})$/.exec(device)?.[1];
  if (given !== undefined) return given;
  const [, major, minor] = /^(?:0x)?([0-9a-f]{1,2})([0-9a-f]{2})$/.exec(device) ?? [];
  if (major !== undefined && minor !== undefined) return `${Number.parseInt(major, 16)}:${Number.parseInt(minor, 16)}`;
  const name = /^\/dev\/(\w{1,32})$/.exec(device)?.[1];
  if (name === undefined) return undefined;
  return (await readText(files, `/sys/class/block/${name}/dev`))?.trim();
}

const MAX_DEVICES = 128;

/** Everything that udev has other names for. */
async function readLinks(files: GuestFiles, links: Map<string, UdevDevice>): Promise<void> {
  const names = ((await files.list('/run/udev/data')) ?? []).filter((name) => /^b\d+:\d+$/.test(name));
  for (const name of names.slice(0, MAX_DEVICES)) {
    const device = await readUdevDevice(files, name.slice(1));
    for (const link of device?.links ?? []) links.set(link, device as UdevDevice);
  }
}
