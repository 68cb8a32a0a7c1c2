import { microcodeArchive } from '../../../testbed/initramfs.ts';
import { arch } from '../distributions/arch.ts';
import { debian, ubuntu } from '../distributions/debian.ts';
import { debianWithExtlinux } from '../distributions/extlinux.ts';
import { redHat6, redHat7, redHat9 } from '../distributions/red-hat.ts';
import { suse } from '../distributions/suse.ts';
import { btrfs } from '../layouts/btrfs.ts';
import { ownBoot } from '../layouts/partitioned.ts';
import { wholeDisk } from '../layouts/whole-disk.ts';
import { linuxGuest } from '../linux-guest.ts';

const ready = { is: 'ready' } as const;
const readyAllTheSame = { is: 'ready', warnings: ['device-names-harmless'] } as const;

/** Each distribution as it installs itself, with each compression of an initramfs. */
export const readyByDistribution = [
  linuxGuest('debian', { system: { distribution: debian, kernels: [{ virtioBlk: true }] }, label: ready }),
  linuxGuest('debian-uncompressed', {
    machine: 'q35',
    system: { distribution: debian, kernels: [{ virtioBlk: true, initramfs: { compression: 'none' } }] },
    label: ready,
  }),
  linuxGuest('debian-extlinux-on-the-whole-disk', {
    system: { distribution: debianWithExtlinux, kernels: [{ virtioBlk: true }] },
    layout: wholeDisk,
    label: ready,
  }),
  linuxGuest('ubuntu-lz4', {
    system: { distribution: ubuntu, kernels: [{ virtioBlk: true, initramfs: { compression: 'lz4' } }] },
    label: ready,
  }),
  linuxGuest('red-hat-6', {
    system: { distribution: redHat6, kernels: [{ virtioBlk: true }] },
    layout: ownBoot,
    label: readyAllTheSame,
  }),
  linuxGuest('red-hat-7', {
    system: { distribution: redHat7, kernels: [{ virtioBlk: true, initramfs: { hasMicrocode: true } }] },
    layout: ownBoot,
    mountPoints: ['/', '/boot'],
    label: readyAllTheSame,
  }),
  linuxGuest('red-hat-9-xz', {
    machine: 'q35',
    system: {
      distribution: redHat9,
      kernels: [{ virtioBlk: true, initramfs: { compression: 'xz', hasMicrocode: true } }],
    },
    layout: ownBoot,
    mountPoints: ['/', '/boot'],
    label: ready,
  }),
  linuxGuest('suse-on-a-subvolume', {
    system: { distribution: suse, kernels: [{ virtioBlk: true }] },
    layout: btrfs,
    label: ready,
  }),
  linuxGuest('arch-zstd', {
    machine: 'q35',
    system: {
      distribution: arch,
      kernels: [{ virtioBlk: true, initramfs: { compression: 'zstd' } }],
      files: { '/boot/intel-ucode.img': microcodeArchive() },
    },
    label: ready,
  }),
];
