import { namedDisks, namedInside } from './guests/device-names.ts';
import { driverInInitramfs, driverOfDefaultKernel } from './guests/driver.ts';
import { efiGuests } from './guests/efi.ts';
import { readyByDistribution } from './guests/ready.ts';
import { storage } from './guests/storage.ts';
import { unknowableGuests } from './guests/unknowable.ts';

/** All labelled guests with Linux, and others that are not Windows. */
export const linuxGuests = [
  ...readyByDistribution,
  ...driverInInitramfs,
  ...driverOfDefaultKernel,
  ...namedDisks,
  ...namedInside,
  ...storage,
  ...efiGuests,
  ...unknowableGuests,
];
