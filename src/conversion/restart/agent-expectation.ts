import type { GuestView, SeenDisk } from '../../virsh/guest-view.ts';

/** Where disks are in the definition of an instance. */
export interface DiskPlace {
  readonly target: string;
  readonly bus: string;
}

/** What the agent of a guest that has come up is expected to tell. */
export interface AgentExpectation {
  /** How many of the moved disks its system saw before. */
  readonly disks: number;
  /** How many others it saw, by their bus. */
  readonly others: Readonly<Record<string, number>>;
  /** Where file systems on the moved disks are mounted at boot. */
  readonly mountPoints: readonly string[];
}

/** More than any system mounts at boot, and few enough to be compared at every look. */
const MAX_MOUNT_POINTS = 1024;

/**
 * Take note of what the agent of a running guest tells of the disks that are about to move.
 * @param mountedAtBoot undefined where that can't be told: then all that is mounted counts.
 */
export function noteView(
  { disks = [], fileSystems }: GuestView,
  moved: readonly DiskPlace[],
  mountedAtBoot: ReadonlySet<string> | undefined,
): AgentExpectation {
  const isMoved = (disk: SeenDisk): boolean =>
    disk.target === undefined ? hasBus(disk, moved) : moved.some(({ target }) => target === disk.target);
  const others: Record<string, number> = {};
  for (const { bus } of disks.filter((disk) => !isMoved(disk))) others[bus] = (others[bus] ?? 0) + 1;
  return {
    disks: Math.min(disks.filter(isMoved).length, moved.length),
    others,
    mountPoints: fileSystems
      .filter((one) => one.disks.some(isMoved) && mountedAtBoot?.has(one.mountPoint) !== false)
      .map(({ mountPoint }) => mountPoint)
      .slice(0, MAX_MOUNT_POINTS),
  };
}

/**
 * What is missing of that, for people. A disk is where it is to be where its address is that of the definition (all
 * systems), or its bus is (Linux alone, whose PCI bus numbers need not be libvirt's).
 */
export function missingFromView(
  expected: AgentExpectation,
  places: readonly DiskPlace[],
  view: GuestView | undefined,
): string[] {
  if (view === undefined) return ['its agent does not answer'];
  const isInPlace = (disk: SeenDisk): boolean =>
    places.some(({ target }) => target === disk.target) || hasBus(disk, places);
  const found = view.disks === undefined ? expected.disks : countInPlace(view.disks, places, expected.others);
  const mounted = new Map(view.fileSystems.map((one) => [one.mountPoint, one.disks]));
  const unmounted = expected.mountPoints.filter((mountPoint) => mounted.get(mountPoint)?.every(isInPlace) !== true);
  return [
    ...(found < expected.disks ? [`its system sees ${found} of ${expected.disks} disks where they now are`] : []),
    ...unmounted.slice(0, 5).map((mountPoint) => `nothing is mounted at ${mountPoint}`),
  ];
}

/** By address where that is known, else by bus, less those that were there before. */
function countInPlace(
  disks: readonly SeenDisk[],
  places: readonly DiskPlace[],
  others: AgentExpectation['others'],
): number {
  const byAddress = places.filter(({ target }) => disks.some((disk) => disk.target === target)).length;
  const buses = new Set(places.flatMap(({ bus }) => (bus === 'usb' ? [bus, UNKNOWN_BUS] : [bus])));
  const thereBefore = [...buses].reduce((sum, bus) => sum + (others[bus] ?? 0), 0);
  return Math.max(byAddress, disks.filter((disk) => hasBus(disk, places)).length - thereBefore);
}

/** The agent of a Linux system has no word for USB, nor an address. */
const UNKNOWN_BUS = 'unknown';

function hasBus(disk: SeenDisk, places: readonly DiskPlace[]): boolean {
  return places.some(({ bus }) => bus === disk.bus || (bus === 'usb' && disk.bus === UNKNOWN_BUS));
}
