import { viostor } from '../driver.ts';
import { windowsGuest } from '../windows-guest.ts';
import { windows } from '../windows-system.ts';

const seen = ['1042'] as const;

/** With Secure Boot, Windows loads no driver without a signature (0xc0000428); whose it is, no reader of a disk can tell. */
export const secureBoot = [
  windowsGuest('10-efi', {
    machine: 'q35',
    firmware: 'efi',
    system: windows('10', { ...viostor, seen, isSigned: false }),
    label: { is: 'ready' },
  }),
  windowsGuest('10-secure-boot-signed', {
    machine: 'q35',
    firmware: 'secure boot',
    system: windows('10', { ...viostor, seen }),
    label: { is: 'ready' },
  }),
  windowsGuest('10-secure-boot-unsigned', {
    machine: 'q35',
    firmware: 'secure boot',
    system: windows('10', { ...viostor, seen: [], isSigned: false }),
    label: { is: 'unknowable', warnings: ['secure-boot'] },
  }),
];
