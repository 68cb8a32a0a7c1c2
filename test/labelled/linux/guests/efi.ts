import { join } from 'node:path';
import type { Label, LabelledGuest } from '../../labelled-guest.ts';
import { writeBootEntry } from '../../nvram.ts';
import { debian } from '../distributions/debian.ts';
import { ESP, efi, FALLBACK, VENDOR_FILE } from '../layouts/efi.ts';
import { linuxGuest } from '../linux-guest.ts';
import type { LinuxStock } from '../linux-stock.ts';

const system = { distribution: debian, kernels: [{ virtioBlk: true }] } as const;
const lost = { is: 'not ready', refusals: ['uefi-boot-entry'] } as const;

/**
 * What the firmware starts: by an entry that names the partition, which survives, by one that names the controller, or the
 * fallback file.
 */
export const efiGuests = [
  efiGuest('efi-fallback', { programs: [FALLBACK], label: { is: 'ready' } }),
  efiGuest('efi-entry-by-partition', { programs: [VENDOR_FILE], entry: 'by partition', label: { is: 'ready' } }),
  efiGuest('efi-entry-by-controller', { programs: [VENDOR_FILE], entry: 'by controller', label: lost }),
  // its variables are gone, so that it starts on no bus
  efiGuest('efi-no-entry-and-no-fallback', { programs: [VENDOR_FILE], label: lost, known: 'by construction' }),
  efiGuest('efi-entry-by-controller-and-fallback', {
    programs: [VENDOR_FILE, FALLBACK],
    entry: 'by controller',
    label: { is: 'ready' },
  }),
];

interface EfiGuestOptions {
  readonly programs: readonly string[];
  readonly entry?: 'by partition' | 'by controller';
  readonly label: Omit<Label, 'known'>;
  readonly known?: Label['known'];
}

function efiGuest(
  name: string,
  { programs, entry, label, known = 'booted' }: EfiGuestOptions,
): LabelledGuest<LinuxStock> {
  const guest = linuxGuest(name, { machine: 'q35', system, layout: efi(programs), label, known });
  return {
    ...guest,
    firmware: 'efi',
    async build(folder, stock) {
      const images = await guest.build(folder, stock);
      if (entry === undefined) return images;
      const nvram = join(folder, 'nvram.fd');
      await writeBootEntry(nvram, 'debian', {
        path: VENDOR_FILE,
        partition: ESP,
        isByController: entry === 'by controller',
      });
      return { ...images, nvram };
    },
  };
}
