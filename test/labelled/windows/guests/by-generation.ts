import { guestor, viostor, viostorForXp, viostorInDriverStore } from '../driver.ts';
import { windowsGuest } from '../windows-guest.ts';
import { windows } from '../windows-system.ts';

const ready = { is: 'ready' } as const;
const likely = { is: 'likely', refusals: ['no-driver-evidence'] } as const;
const missing = { is: 'not ready', refusals: ['driver-missing'] } as const;

/** Each generation with the driver in use before, installed and never used, and without it. */
export const byGeneration = [
  windowsGuest('xp-ready', { system: windows('xp', viostorForXp), label: ready }),
  windowsGuest('xp-never-seen', { system: windows('xp', { ...viostorForXp, seen: [] }), label: likely }),
  windowsGuest('xp-without', { system: windows('xp'), label: missing }),

  windowsGuest('7-ready', { system: windows('7', viostor), label: ready }),
  windowsGuest('7-ready-q35', { machine: 'q35', system: windows('7', { ...viostor, seen: ['1042'] }), label: ready }),
  windowsGuest('7-never-seen', { system: windows('7', { ...viostor, seen: [] }), label: likely }),
  windowsGuest('7-without', { system: windows('7'), label: missing }),

  windowsGuest('10-ready', { system: windows('10', viostor), label: ready }),
  windowsGuest('10-ready-q35', { machine: 'q35', system: windows('10', { ...viostor, seen: ['1042'] }), label: ready }),
  windowsGuest('10-never-seen', { system: windows('10', { ...viostor, seen: [] }), label: likely }),
  windowsGuest('10-without', { system: windows('10'), label: missing }),

  windowsGuest('2022-ready-in-driver-store', {
    machine: 'q35',
    system: windows('2022', { ...viostorInDriverStore, seen: ['1042'] }),
    label: ready,
  }),
  windowsGuest('2022-put-in-by-virt-v2v', { system: windows('2022', guestor), label: likely }),
  windowsGuest('2022-without', { system: windows('2022'), label: missing }),
];
