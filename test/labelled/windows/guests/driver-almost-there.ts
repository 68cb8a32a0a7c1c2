import { viostor, viostorInDriverStore } from '../driver.ts';
import { windowsGuest } from '../windows-guest.ts';
import { windows } from '../windows-system.ts';

const notBootStart = { is: 'not ready', refusals: ['driver-not-boot-start'] } as const;
const missing = { is: 'not ready', refusals: ['driver-missing'] } as const;

/** A driver that is installed and would not drive the disk at boot. */
export const driverAlmostThere = [
  windowsGuest('10-starts-on-demand', { system: windows('10', { ...viostor, start: 3 }), label: notBootStart }),
  windowsGuest('7-disabled', { system: windows('7', { ...viostor, start: 4 }), label: notBootStart }),
  windowsGuest('10-start-override', { system: windows('10', { ...viostor, startOverride: 3 }), label: notBootStart }),
  windowsGuest('10-binary-gone', { system: windows('10', { ...viostor, binary: undefined }), label: missing }),
  windowsGuest('2022-driver-store-cleaned', {
    system: windows('2022', { ...viostorInDriverStore, binary: undefined }),
    label: missing,
  }),
];
