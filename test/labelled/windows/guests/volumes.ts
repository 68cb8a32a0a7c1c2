import { viostor } from '../driver.ts';
import { windowsGuest } from '../windows-guest.ts';
import { windows } from '../windows-system.ts';

const SAN_POLICY = 'ControlSet001\\Services\\partmgr\\Parameters';

/** Volumes that may not come up, or can't be read. */
export const volumes = [
  windowsGuest('2022-data-disk-may-stay-offline', {
    system: windows('2022', viostor, { system: { [SAN_POLICY]: { SanPolicy: 2 } } }),
    hasDataDisk: true,
    label: { is: 'ready', warnings: ['san-policy'] },
  }),
  windowsGuest('2022-data-disk-comes-online', {
    system: windows('2022', viostor, { system: { [SAN_POLICY]: { SanPolicy: 1 } } }),
    hasDataDisk: true,
    label: { is: 'ready' },
  }),
  windowsGuest('10-bitlocker-system', {
    system: windows('10', viostor),
    bitLocker: 'system',
    label: { is: 'unknowable', warnings: ['bitlocker'] },
  }),
  windowsGuest('10-bitlocker-data', {
    system: windows('10', viostor),
    bitLocker: 'data',
    label: { is: 'ready', warnings: ['bitlocker'] },
  }),
];
