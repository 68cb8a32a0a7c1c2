import { describe, expect, it } from '@jest/globals';
import { changesOnVirtio } from '../../../../src/preflight/linux/device-path.ts';

describe('a name of a disk', () => {
  it.each([
    '/dev/sda',
    '/dev/sda1',
    '/dev/sdaa15',
    '/dev/hda',
    '/dev/hdb3',
    '"/dev/sda1"',
    "'/dev/sda1'",
    '/dev/disk/by-path/pci-0000:00:1f.2-ata-1-part1',
    '/dev/disk/by-path/pci-0000:00:01.1-ata-1.0',
    '/dev/disk/by-path/pci-0000:00:01.1-ide-0:0',
    '/dev/disk/by-path/pci-0000:00:05.0-scsi-0:0:0:0-part2',
    '/dev/disk/by-path/pci-0000:00:05.0-sas-0x5000c50015ea71aa-lun-0',
    '/dev/disk/by-path/pci-0000:00:1d.7-usb-0:1:1.0-scsi-0:0:0:0',
    '/dev/disk/by-id/ata-QEMU_HARDDISK_QM00001-part1',
    '/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_drive-scsi0-0-0-0',
    '/dev/disk/by-id/wwn-0x5000c50015ea71aa-part1',
    '/dev/disk/by-id/usb-QEMU_QEMU_USB_HARDDISK_1-0000:00:1d.7-1-0:0',
    '/dev/disk/by-id/dm-uuid-mpath-0QEMU_QEMU_HARDDISK_1',
    '/dev/disk/by-id/dm-uuid-part1-mpath-36001405',
    '/dev/disk/by-id/dm-name-mpatha',
    '/dev/mapper/mpatha',
    '/dev/mapper/mpathb2',
    '/dev/mapper/mpathap1',
    '/dev/mapper/mpatha-part1',
    '/dev/mapper/36001405b3a2c9f2d4e84a8b9c0d1e2f3',
    '/dev/block/8:1',
    '/dev/ada0p2',
    '/dev/da0s1a',
    '/dev/wd0a',
  ])('from its controller, its address or its identity changes: %s', (device) => {
    expect(changesOnVirtio(device)).toBe(true);
  });

  it.each(['/dev/vda', '/dev/vdb1'])('of another virtio disk may come to be the new one: %s', (device) => {
    expect(changesOnVirtio(device)).toBe(true);
  });

  it.each([
    'UUID=5f2c1f7e-7a0a-4c28-9b39-02d8f7a7c0d1',
    'UUID="5f2c1f7e"',
    'LABEL=root',
    "LABEL='my root'",
    'PARTUUID=0aef-01',
    'PARTLABEL=root',
    'ID=ata-QEMU',
    '/dev/disk/by-uuid/5f2c1f7e',
    '/dev/disk/by-label/root',
    '/dev/disk/by-partuuid/0aef-01',
    '/dev/disk/by-id/lvm-pv-uuid-abc',
    '/dev/disk/by-id/dm-name-vg-root',
    '/dev/disk/by-id/dm-uuid-LVM-abc',
    '/dev/disk/by-id/md-uuid-abc',
    '/dev/disk/by-id/virtio-data',
    '/dev/disk/by-id/nvme-QEMU_NVMe_Ctrl_1',
    '/dev/disk/by-path/virtio-pci-0000:00:04.0-part1',
    '/dev/disk/by-path/virtio-pci-0000:00:05.0-scsi-0:0:0:0',
    '/dev/disk/by-path/pci-0000:04:00.0-part1',
    '/dev/disk/by-path/pci-0000:05:00.0-nvme-1',
    '/dev/mapper/vg-root',
    '/dev/mapper/luks-5f2c1f7e-7a0a-4c28-9b39-02d8f7a7c0d1',
    '/dev/vg/root',
    '/dev/md0',
    '/dev/md/boot',
    '/dev/nvme0n1p1',
    '/dev/sr0',
    '/dev/fd0',
    'tmpfs',
    '/swap.img',
    '//server/share',
    'server:/dev/sda1',
    '/dev/sda1x',
  ])('from what lies on it, or of a disk that stays, does not: %s', (device) => {
    expect(changesOnVirtio(device)).toBe(false);
  });
});
