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
