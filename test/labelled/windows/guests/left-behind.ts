import { viostor } from '../driver.ts';
import { windowsGuest } from '../windows-guest.ts';
import { windows } from '../windows-system.ts';

const POWER = 'ControlSet001\\Control\\Session Manager\\Power';
const SERVICING = 'Microsoft\\Windows\\CurrentVersion\\Component Based Servicing';
const sleeping = Buffer.concat([Buffer.from('HIBR'), Buffer.alloc(4092)]);

/** What the last session of a system left on its disk: all of them have the driver. */
export const leftBehind = [
  windowsGuest('10-hibernated', {
    system: windows('10', viostor, { files: { '/hiberfil.sys': sleeping } }),
    label: { is: 'not ready', refusals: ['hibernated'] },
  }),
  windowsGuest('10-fast-startup', {
    system: windows('10', viostor, {
      files: { '/hiberfil.sys': sleeping },
      system: { [POWER]: { HiberbootEnabled: 1 } },
    }),
    label: { is: 'not ready', refusals: ['hibernated'], warnings: ['fast-startup'] },
  }),
  windowsGuest('2022-fast-startup-next-time', {
    system: windows('2022', viostor, { system: { [POWER]: { HiberbootEnabled: 1 } } }),
    label: { is: 'ready', warnings: ['fast-startup'] },
  }),
  // once it has woken up, the file is still there
  windowsGuest('7-woken-up', {
    system: windows('7', viostor, { files: { '/hiberfil.sys': Buffer.alloc(4096) } }),
    label: { is: 'ready' },
  }),
  windowsGuest('10-hive-half-written', {
    system: windows('10', viostor, { hasDirtyHive: true }),
    label: { is: 'unknowable', warnings: ['stale-evidence'] },
  }),
  windowsGuest('2022-reboot-pending', {
    system: windows('2022', viostor, { software: { [`${SERVICING}\\RebootPending`]: {} } }),
    label: { is: 'ready', warnings: ['pending-reboot'] },
  }),
];
