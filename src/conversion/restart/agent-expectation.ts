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
  /** Where file systems on them are mounted at boot. */
  readonly mountPoints: readonly string[];
}

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
  return {
    disks: Math.min(disks.filter(isMoved).length, moved.length),
    mountPoints: fileSystems
      .filter((one) => one.disks.some(isMoved) && mountedAtBoot?.has(one.mountPoint) !== false)
      .map(({ mountPoint }) => mountPoint),
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
  const found = view.disks?.filter(isInPlace).length ?? expected.disks;
  const unmounted = expected.mountPoints.filter(
    (mountPoint) => !view.fileSystems.some((one) => one.mountPoint === mountPoint && one.disks.every(isInPlace)),
  );
  return [
    ...(found < expected.disks ? [`its system sees ${found} of ${expected.disks} disks where they now are`] : []),
    ...unmounted.map((mountPoint) => `nothing is mounted at ${mountPoint}`),
  ];
}

function hasBus(disk: SeenDisk, places: readonly DiskPlace[]): boolean {
  return places.some(({ bus }) => bus === disk.bus);
}
