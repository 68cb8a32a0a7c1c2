import { pvvxblk, viostor, viostorForXp } from '../driver.ts';
import { criticalDevices } from '../system-hive.ts';
import { windowsGuest } from '../windows-guest.ts';
import { windows } from '../windows-system.ts';

const missing = { is: 'not ready', refusals: ['driver-missing'] } as const;

/** Which driver Windows takes for the disk's PCI id, and whether it is the id that this machine presents. */
export const boundIds = [
  windowsGuest('10-old-id-alone-on-q35', {
    machine: 'q35',
    system: windows('10', { ...viostor, bound: ['1001'] }),
    label: missing,
  }),
  windowsGuest('7-old-id-alone-on-q35', {
    machine: 'q35',
    system: windows('7', { ...viostor, bound: ['1001'] }),
    label: missing,
  }),
  windowsGuest('xp-on-q35', {
    machine: 'q35',
    system: windows('xp', viostorForXp),
    label: { is: 'not ready', refusals: ['unsupported-machine'] },
  }),
  windowsGuest('10-seen-under-the-other-id', {
    machine: 'q35',
    system: windows('10', viostor),
    label: { is: 'likely', refusals: ['no-driver-evidence'] },
  }),
  // the database of Windows 7, which Windows 8 and later does not ask
  windowsGuest('10-critical-devices-alone', {
    system: windows('10', { ...viostor, bound: [], seen: [] }, { system: criticalDevices('ControlSet001', viostor) }),
    label: missing,
  }),
  windowsGuest('10-by-another-name', { system: windows('10', pvvxblk), label: { is: 'ready' } }),
  // the driver of virtio-scsi does not drive virtio-blk
  windowsGuest('2022-virtio-scsi-alone', {
    system: windows(
      '2022',
      { ...viostor, service: 'vioscsi', imagePath: 'System32\\drivers\\vioscsi.sys', bound: [], seen: [] },
      { files: { '/Windows/System32/drivers/vioscsi.sys': 'MZ' } },
    ),
    label: missing,
  }),
];
