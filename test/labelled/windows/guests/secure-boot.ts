import { viostor } from '../driver.ts';
import { windowsGuest } from '../windows-guest.ts';
import { windows } from '../windows-system.ts';

const seen = ['1042'] as const;

/** 64-bit Windows loads a driver without a signature in test mode only, and with Secure Boot never (0xc0000428). */
export const secureBoot = [
  windowsGuest('10-efi', {
    machine: 'q35',
    firmware: 'efi',
    system: windows('10', { ...viostor, seen }),
    label: { is: 'ready' },
  }),
  // whose signature it is, no reader of a disk can tell
  windowsGuest('10-secure-boot-signed', {
    machine: 'q35',
    firmware: 'secure boot',
    system: windows('10', { ...viostor, seen }),
    label: { is: 'ready', warnings: ['secure-boot'] },
  }),
  windowsGuest('10-secure-boot-unsigned', {
    machine: 'q35',
    firmware: 'secure boot',
    system: windows('10', { ...viostor, seen, isSigned: false }),
    label: { is: 'not ready', refusals: ['driver-missing'] },
  }),
  windowsGuest('10-unsigned', {
    system: windows('10', { ...viostor, isSigned: false }),
    label: { is: 'likely', refusals: ['no-driver-evidence'] },
  }),
];
