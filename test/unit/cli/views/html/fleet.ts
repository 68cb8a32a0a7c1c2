import type { GuestResult } from '../../../../../src/conversion/result.ts';
import type { Evidence } from '../../../../../src/preflight/evidence.ts';
import { checkedGuest } from '../../checked-guest.ts';

/** So many guests of which each needs work and has evidence; all texts are as the program says them. */
export function needyFleet(count: number): GuestResult[] {
  return Array.from({ length: count }, (_, number) => {
    const name = `app-${String(number).padStart(4, '0')}.prod.example.org`;
    const more = { evidence: evidenceOf(number), evidenceAt: '2026-05-20T03:00:00.000Z' };
    if (number % 4 === 0) return checkedGuest(name, pendingSince(number), { ...more, outcome: 'converted' });
    if (number % 4 === 1) return checkedGuest(name, EMULATED, { ...more, outcome: 'refused', refusals: [SNAPSHOTS] });
    return checkedGuest(name, EMULATED, { ...more, outcome: 'planned', state: 'shut off' });
  });
}

const EMULATED = {
  'VIO-001': { result: 'fail', message: "Emulated: 'hda' on ide, 'hdb' on ide.", disks: ['hda', 'hdb'] },
} as const;

const SNAPSHOTS = {
  code: 'snapshots',
  message: "'hda' must be renamed, and 2 snapshots find it by its name.",
  hint: 'Merge or delete the snapshots first (virsh snapshot-delete).',
  disk: 'hda',
} as const;

function pendingSince(number: number) {
  const message = "The running instance still has 'hda' on ide, until it is powered off in full and started again.";
  const since = new Date(Date.UTC(2026, 4, 1) + number * 60_000).toISOString();
  return { 'VIO-002': { result: 'fail', message, disks: ['hda'], since } } as const;
}

function evidenceOf(number: number): Evidence[] {
  const version = `6.1.${number}-18-amd64`;
  const initramfs = `/boot/initrd.img-${version}`;
  return [
    {
      source: 'agent',
      verdict: 'proven',
      summary: `Linux ${version}, which boots by default, finds the virtio disk driver in ${initramfs}.`,
      facts: {
        system: 'Debian GNU/Linux 12 (bookworm)',
        [`kernel ${version}`]: `boots by default, initramfs ${initramfs}`,
        [`virtio_blk (${version})`]: 'initramfs',
        [`virtio_pci (${version})`]: 'initramfs',
        UEFI: 'not used',
      },
    },
  ];
}
