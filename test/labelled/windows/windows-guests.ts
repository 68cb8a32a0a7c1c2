import { boundIds } from './guests/bound-ids.ts';
import { byGeneration } from './guests/by-generation.ts';
import { controlSets } from './guests/control-sets.ts';
import { driverAlmostThere } from './guests/driver-almost-there.ts';
import { leftBehind } from './guests/left-behind.ts';
import { secureBoot } from './guests/secure-boot.ts';
import { volumes } from './guests/volumes.ts';

/** All labelled guests with a Windows. */
export const windowsGuests = [
  ...byGeneration,
  ...driverAlmostThere,
  ...boundIds,
  ...controlSets,
  ...leftBehind,
  ...volumes,
  ...secureBoot,
];

/** Those of which the disks are looked into as well, and not the files alone: each generation, and each kind of volume. */
const ON_DISKS: ReadonlySet<string> = new Set([
  'xp-ready',
  '7-ready',
  '7-never-seen',
  '10-ready-q35',
  '10-without',
  '10-hibernated',
  '10-hive-half-written',
  '10-bitlocker-system',
  '10-bitlocker-data',
  '10-efi',
  '10-secure-boot-unsigned',
  '2022-ready-in-driver-store',
  '2022-data-disk-may-stay-offline',
]);

export const onDisks = windowsGuests.filter(({ name }) => ON_DISKS.has(name));
