import { debian } from '../distributions/debian.ts';
import { redHat7 } from '../distributions/red-hat.ts';
import { UUIDS } from '../layout.ts';
import { onePartition } from '../layouts/partitioned.ts';
import { linuxGuest } from '../linux-guest.ts';

const kernels = [{ virtioBlk: true }] as const;
const named = { is: 'not ready', refusals: ['device-names'] } as const;
const harmless = { is: 'ready', warnings: ['device-names-harmless'] } as const;
const withData = onePartition({ more: ['data', 'swap'] });
const bothVolumes = ['/', '/srv'];

/** Disks that are named by what changes: some of it stops a boot or loses a volume. */
export const namedDisks = [
  linuxGuest('debian-root-by-name', {
    system: { distribution: debian, kernels, root: '/dev/sda1' },
    label: named,
  }),
  linuxGuest('debian-root-by-label', {
    system: { distribution: debian, kernels, root: 'LABEL=testbed-root' },
    label: { is: 'ready' },
  }),
  linuxGuest('debian-volume-by-name', {
    system: { distribution: debian, kernels, fstab: ['/dev/sda2 /srv ext4 defaults 0 2'] },
    layout: withData,
    mountPoints: bothVolumes,
    label: named,
  }),
  // it comes up, but without its data
  linuxGuest('debian-volume-by-name-nofail', {
    system: { distribution: debian, kernels, fstab: ['/dev/sda2 /srv ext4 defaults,nofail 0 2'] },
    layout: withData,
    mountPoints: bothVolumes,
    label: named,
  }),
  linuxGuest('debian-volume-by-path', {
    system: {
      distribution: debian,
      kernels,
      fstab: ['/dev/disk/by-path/pci-0000:00:01.1-ata-1-part2 /srv ext4 defaults 0 2'],
    },
    layout: withData,
    known: 'by construction', // the testbed has no udev to make such names
    label: named,
  }),
  linuxGuest('debian-noauto-swap-and-resume-by-name', {
    system: {
      distribution: debian,
      kernels,
      args: 'resume=/dev/sda3',
      fstab: ['/dev/sda2 /srv ext4 noauto 0 0', '/dev/sda3 none swap sw 0 0'],
    },
    layout: withData,
    label: harmless,
  }),
  linuxGuest('debian-volume-by-uuid', {
    system: { distribution: debian, kernels, fstab: [`UUID=${UUIDS.data} /srv ext4 defaults 0 2`] },
    layout: withData,
    mountPoints: bothVolumes,
    label: { is: 'ready' },
  }),
  linuxGuest('debian-encrypted-volume-by-name', {
    system: {
      distribution: debian,
      kernels,
      files: { '/etc/crypttab': 'srv /dev/sda2 /etc/keys/srv.key luks\n' },
    },
    layout: onePartition({ more: ['encrypted'] }),
    known: 'by construction', // the testbed unlocks nothing
    label: named,
  }),
  linuxGuest('debian-second-disk-by-uuid', {
    machine: 'q35',
    system: { distribution: debian, kernels, fstab: [`UUID=${UUIDS.data} /srv ext4 defaults 0 2`] },
    hasDataDisk: true,
    mountPoints: bothVolumes,
    label: { is: 'ready' },
  }),
  linuxGuest('debian-second-disk-by-name', {
    machine: 'q35',
    system: { distribution: debian, kernels, fstab: ['/dev/sdb1 /srv ext4 defaults,nofail 0 2'] },
    hasDataDisk: true,
    mountPoints: bothVolumes,
    label: named,
  }),
];

const hooks = 'usr/lib/dracut/hooks/initqueue/finished';

/** What dracut wrote into the initramfs. */
export const namedInside = [
  linuxGuest('red-hat-7-waits-for-a-name', {
    system: {
      distribution: redHat7,
      kernels: [
        {
          virtioBlk: true,
          initramfs: {
            moreEntries: [
              {
                type: 'file',
                path: `${hooks}/devexists-\\x2fdev\\x2fsda2.sh`,
                content: '[ -e "/dev/sda2" ]\n',
              },
            ],
          },
        },
      ],
    },
    layout: onePartition({ more: ['swap'] }),
    label: { ...named, warnings: ['device-names-harmless'] },
  }),
  linuxGuest('red-hat-7-root-from-inside', {
    system: {
      distribution: redHat7,
      root: '',
      kernels: [
        {
          virtioBlk: true,
          initramfs: {
            moreEntries: [{ type: 'file', path: 'etc/cmdline.d/95root-dev.conf', content: 'root=/dev/sda1\n' }],
          },
        },
      ],
    },
    label: { ...named, warnings: ['device-names-harmless'] },
  }),
];
