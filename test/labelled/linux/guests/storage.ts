import { debian } from '../distributions/debian.ts';
import { redHat9 } from '../distributions/red-hat.ts';
import { lvm } from '../layouts/lvm.ts';
import { mirror } from '../layouts/mirror.ts';
import { linuxGuest } from '../linux-guest.ts';

const kernels = [{ virtioBlk: true }] as const;
const named = { is: 'not ready', refusals: ['device-names'] } as const;

/** As Red Hat's installer writes it for a SATA disk: the identity is the emulated disk's own. */
const devicesFile = `# LVM uses devices listed in this file.
# Created by LVM command vgcreate pid 1234 at Mon Jan  1 00:00:00 2024
VERSION=1.1.1
IDTYPE=sys_wwid IDNAME=t10.ATA_____QEMU_HARDDISK___________________________QM00001_____________ DEVNAME=/dev/sda2 PVID=0123456789abcdef0123456789abcdef PART=2
`;
const devicesByName = devicesFile.replace(/^IDTYPE=.*$/m, 'IDTYPE=devname IDNAME=/dev/sda2 DEVNAME=/dev/sda2 PART=2');

/** Roots that are put together from disks. */
export const storage = [
  linuxGuest('red-hat-9-lvm', {
    system: { distribution: redHat9, kernels },
    layout: lvm(),
    mountPoints: ['/', '/boot'],
    label: { is: 'ready' },
  }),
  linuxGuest('red-hat-9-lvm-by-identity', {
    system: { distribution: redHat9, kernels, files: { '/etc/lvm/devices/system.devices': devicesFile } },
    layout: lvm(devicesFile),
    known: 'by construction', // LVM 2.03.16 takes no identity of QEMU's disks, on any bus
    label: named,
  }),
  linuxGuest('red-hat-9-lvm-by-name', {
    system: { distribution: redHat9, kernels, files: { '/etc/lvm/devices/system.devices': devicesByName } },
    layout: lvm(devicesByName),
    mountPoints: ['/', '/boot'],
    label: named,
  }),
  linuxGuest('debian-mirror', {
    machine: 'q35',
    system: { distribution: debian, kernels, files: { '/etc/mdadm/mdadm.conf': 'DEVICE partitions\n' } },
    layout: mirror('DEVICE partitions\n'),
    mountPoints: ['/', '/boot'],
    label: { is: 'ready' },
  }),
  linuxGuest('debian-mirror-of-named-disks', {
    machine: 'q35',
    system: { distribution: debian, kernels, files: { '/etc/mdadm/mdadm.conf': 'DEVICE /dev/sd*\n' } },
    layout: mirror('DEVICE /dev/sd*\n'),
    mountPoints: ['/', '/boot'],
    label: named,
  }),
];
