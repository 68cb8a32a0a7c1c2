import { debian, ubuntu } from '../distributions/debian.ts';
import { redHat7, redHat9 } from '../distributions/red-hat.ts';
import { ownBoot } from '../layouts/partitioned.ts';
import { linuxGuest } from '../linux-guest.ts';

const ready = { is: 'ready' } as const;
const missing = { is: 'not ready', refusals: ['driver-missing'] } as const;
const NEWER = '6.9.10-1-amd64';

/** Whether the kernel that boots by default finds the driver. */
export const driverInInitramfs = [
  linuxGuest('debian-without', { system: { distribution: debian, kernels: [{ virtioBlk: false }] }, label: missing }),
  linuxGuest('red-hat-7-without', {
    system: {
      distribution: redHat7,
      kernels: [{ virtioBlk: false, initramfs: { compression: 'xz', hasMicrocode: true } }],
    },
    layout: ownBoot,
    label: { ...missing, warnings: ['device-names-harmless'] },
  }),
  linuxGuest('debian-without-pci-transport', {
    system: {
      distribution: debian,
      kernels: [{ virtioBlk: true, initramfs: { compression: 'zstd', lessDrivers: ['virtio_pci'] } }],
    },
    label: missing,
  }),
  linuxGuest('debian-told-not-to-load', {
    system: { distribution: debian, kernels: [{ virtioBlk: true }], args: 'module_blacklist=virtio_blk' },
    label: missing,
  }),
  linuxGuest('ubuntu-blacklisted-inside', {
    system: {
      distribution: ubuntu,
      kernels: [
        {
          virtioBlk: true,
          initramfs: {
            moreEntries: [{ type: 'file', path: 'etc/modprobe.d/blacklist.conf', content: 'blacklist virtio_blk\n' }],
          },
        },
      ],
    },
    label: missing,
  }),
  linuxGuest('red-hat-9-modules-of-another-kernel', {
    system: {
      distribution: redHat9,
      kernels: [
        {
          virtioBlk: false,
          initramfs: {
            moreEntries: [
              { type: 'file', path: `usr/lib/modules/${NEWER}/kernel/drivers/block/virtio_blk.ko`, content: 'stub' },
            ],
          },
        },
      ],
    },
    layout: ownBoot,
    label: missing,
  }),
  linuxGuest('debian-built-in', {
    system: { distribution: debian, kernels: [{ virtioBlk: false, isBuiltIn: true }] },
    known: 'by construction',
    label: ready,
  }),
];

/** Of two kernels, the one that counts is the one that the menu starts by itself. */
export const driverOfDefaultKernel = [
  linuxGuest('ubuntu-older-default-has-it', {
    system: {
      distribution: ubuntu,
      kernels: [
        { version: NEWER, virtioBlk: false },
        { virtioBlk: true, initramfs: { compression: 'zstd' } },
      ],
      chosen: 1,
    },
    label: ready,
  }),
  linuxGuest('debian-older-default-lacks-it', {
    system: { distribution: debian, kernels: [{ version: NEWER, virtioBlk: true }, { virtioBlk: false }], chosen: 1 },
    label: missing,
  }),
  linuxGuest('red-hat-9-saved-entry-lacks-it', {
    system: { distribution: redHat9, kernels: [{ version: NEWER, virtioBlk: true }, { virtioBlk: false }], chosen: 1 },
    layout: ownBoot,
    label: missing,
  }),
];
