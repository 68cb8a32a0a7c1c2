import { viostor } from '../driver.ts';
import { windowsGuest } from '../windows-guest.ts';
import { windows } from '../windows-system.ts';

/** Of several control sets, `Select` names the one that counts. */
export const controlSets = [
  windowsGuest('10-second-control-set-has-it', {
    system: windows('10', undefined, { controlSets: { 1: undefined, 2: viostor }, current: 2 }),
    label: { is: 'ready' },
  }),
  windowsGuest('10-first-control-set-had-it', {
    system: windows('10', undefined, { controlSets: { 1: viostor, 2: undefined }, current: 2 }),
    label: { is: 'not ready', refusals: ['driver-missing'] },
  }),
];
