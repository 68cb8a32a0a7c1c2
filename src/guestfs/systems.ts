import type { Guestfish } from './guestfish.ts';
import { GuestfsError } from './guestfs-error.ts';

/** An operating system on a guest's disks, as libguestfs' inspection names it. */
export interface FoundSystem {
  /** The device of its root file system, as libguestfs names it. */
  readonly root: string;
  /** `linux`, `windows`, `freebsd`, `dos`, ... */
  readonly type: string;
  /** `ID` of os-release, more or less. */
  readonly distro: string;
  readonly productName: string;
  /** Where its file systems belong, by mount point. */
  readonly mountPoints: ReadonlyMap<string, string>;
  /** Of Windows: the folder that it is installed in, e.g. `/Windows`. */
  readonly systemRoot: string;
}

export interface FoundOnDisks {
  readonly systems: readonly FoundSystem[];
  /** The kind of each file system (`ext4`, `ntfs`, `crypto_LUKS`, `BitLocker`, ...), by its device. */
  readonly fileSystems: ReadonlyMap<string, string>;
}

const MAX_SYSTEMS = 4;

/**
 * Start the appliance and find the systems on its disks.
 * @throws GuestfsError
 */
export async function findSystems(fish: Guestfish): Promise<FoundOnDisks> {
  await fish.ask('run');
  const fileSystems = await readFileSystems(fish);
  const roots = lines(await fish.ask('inspect-os'));
  const systems: FoundSystem[] = [];
  for (const root of withoutSnapshots(roots)) {
    if (systems.length >= MAX_SYSTEMS) throw new GuestfsError('refused', 'there are more systems than any guest has');
    systems.push(await readSystem(fish, root));
  }
  return { systems, fileSystems };
}

/** More than any guest has. */
const MAX_VOLUMES = 64;

/** What is on each partition, whole disk, array and logical volume. `list-filesystems` takes longer, and hides what is encrypted. */
async function readFileSystems(fish: Guestfish): Promise<Map<string, string>> {
  const partitions = lines(await fish.ask('list-partitions'));
  const whole = lines(await fish.ask('list-devices')).filter((disk) => !partitions.some((one) => one.startsWith(disk)));
  const volumes = [
    ...partitions,
    ...whole,
    ...lines(await fish.ask('list-md-devices')),
    ...lines(await fish.ask('lvs')),
  ];
  const found = new Map<string, string>();
  for (const volume of volumes.slice(0, MAX_VOLUMES))
    found.set(volume, (await fish.ask('vfs-type', volume).catch(ignoreRefusal)).trim() || 'unknown');
  return found;
}

/** A device of which nobody knows what it holds. */
function ignoreRefusal(error: unknown): string {
  if (error instanceof GuestfsError && error.kind === 'refused') return '';
  throw error;
}

async function readSystem(fish: Guestfish, root: string): Promise<FoundSystem> {
  const ask = async (command: string): Promise<string> => lines(await fish.ask(command, root))[0] ?? '';
  const type = await ask('inspect-get-type');
  return {
    root,
    type,
    distro: await ask('inspect-get-distro'),
    productName: await ask('inspect-get-product-name'),
    mountPoints: pairs(await fish.ask('inspect-get-mountpoints', root)),
    systemRoot: type === 'windows' ? await ask('inspect-get-windows-systemroot') : '',
  };
}

/**
 * Mount a system's file systems, inside the appliance alone and read-only.
 * @returns the mount points of those that could be.
 * @throws GuestfsError where its root can't be.
 */
export async function mountSystem(fish: Guestfish, { mountPoints }: FoundSystem): Promise<ReadonlySet<string>> {
  const mounted = new Set<string>();
  await fish.ask('umount-all');
  for (const [place, device] of [...mountPoints].sort(([one], [other]) => one.length - other.length)) {
    try {
      await fish.ask('mount-ro', device, place);
      mounted.add(place);
    } catch (error) {
      if (!(error instanceof GuestfsError) || error.kind !== 'refused' || place === '/') throw error;
    }
  }
  return mounted;
}

/** The subvolume that a btrfs mounts by itself is the system; others beside it are its snapshots. */
function withoutSnapshots(roots: readonly string[]): string[] {
  const whole = new Set(roots.filter((root) => !root.startsWith('btrfsvol:')));
  return roots.filter((root) => {
    const device = /^btrfsvol:(\/dev\/[^/]+(?:\/[^/@]+)?)\//.exec(root)?.[1];
    return device === undefined || !whole.has(device);
  });
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** Lines such as `/dev/sda1: ext4`. */
function pairs(text: string): Map<string, string> {
  return new Map(
    lines(text).flatMap((line) => {
      const colon = line.lastIndexOf(': ');
      return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 2)] as const];
    }),
  );
}
