import { describe, expect, it } from '@jest/globals';
import { ignoresDevicesFile, readLvmDevices, readLvmFilters } from '../../../../src/preflight/linux/lvm.ts';

describe("LVM's devices file", () => {
  it.each([
    [
      'a SATA disk by its identity',
      'IDTYPE=sys_wwid IDNAME=t10.ATA_QEMU_HARDDISK_QM00001 DEVNAME=/dev/sda2 PVID=x PART=2',
    ],
    ['a SCSI disk by its identity', 'IDTYPE=sys_wwid IDNAME=naa.5000c50015ea71aa DEVNAME=/dev/sda2 PVID=x PART=2'],
    ['a disk by its serial', 'IDTYPE=sys_serial IDNAME=QM00001 DEVNAME=/dev/sda PVID=x'],
    ['a disk by its name', 'IDTYPE=devname IDNAME=/dev/sda2 DEVNAME=/dev/sda2 PVID=x PART=2'],
    ['a multipath device', 'IDTYPE=mpath_uuid IDNAME=mpath-0QEMU_1 DEVNAME=/dev/mapper/mpatha PVID=x'],
    ['a disk by one of its identities', 'IDTYPE=wwid_t10 IDNAME=t10.ATA DEVNAME=/dev/sda PVID=x'],
    ['a disk whose name is not known', 'IDTYPE=sys_wwid IDNAME=t10.ATA_QEMU DEVNAME=. PVID=x'],
  ])('stops a boot that lists %s', (_, line) => {
    expect(readLvmDevices(`VERSION=1.1.2\n${line}\n`, 'system.devices')).toEqual([
      {
        file: 'system.devices',
        device: /IDNAME=(\S+)/.exec(line)?.[1],
        purpose: 'an LVM physical volume',
        stopsBoot: true,
        entry: { kind: 'lvm devices' },
      },
    ]);
  });

  it.each([
    ['a virtio disk', 'IDTYPE=sys_serial IDNAME=data DEVNAME=/dev/vda2 PVID=x PART=2'],
    ['an NVMe disk', 'IDTYPE=sys_wwid IDNAME=nvme.1b36 DEVNAME=/dev/nvme0n1p3 PVID=x'],
    ['an md array', 'IDTYPE=md_uuid IDNAME=1234 DEVNAME=/dev/md127 PVID=x'],
    ['an encrypted volume', 'IDTYPE=crypt_uuid IDNAME=CRYPT-LUKS2-5f2c DEVNAME=/dev/dm-0 PVID=x'],
    ['a logical volume', 'IDTYPE=lvmlv_uuid IDNAME=LVM-5f2c DEVNAME=/dev/dm-1 PVID=x'],
    ['a file', 'IDTYPE=loop_file IDNAME=/srv/pv DEVNAME=/dev/loop0 PVID=x'],
    ['nothing', '# LVM uses devices listed in this file.\nVERSION=1.1.1\nHASH=123\nSYSTEMID=x'],
    ['what a comment says', '#IDTYPE=sys_wwid IDNAME=t10.ATA DEVNAME=/dev/sda PVID=x'],
  ])('holds on virtio where it lists %s', (_, line) => {
    expect(readLvmDevices(line, 'system.devices')).toEqual([]);
  });
});

describe("LVM's filters", () => {
  it.each([
    ['filter = [ "a|^/dev/sda|", "r|.*|" ]', '^/dev/sda'],
    ['global_filter=["a|/dev/sd.*|","r|.*|"]', '/dev/sd.*'],
    ['filter = [ "a|/dev/[sh]d[ab]2|",\n   "r|.*|" ]', '/dev/[sh]d[ab]2'],
    ['filter = [ "a|/dev/disk/by-id/ata-.*|", "r|.*|" ]', '/dev/disk/by-id/ata-.*'],
    ['filter = [ "a|/dev/mapper/mpath.*|", "r|.*|" ]', '/dev/mapper/mpath.*'],
    ['filter = [ "a/sda/", "r/.*/" ]', 'sda'],
    ['filter = [ "r|/dev/vd.*|" ]', '/dev/vd.*'],
  ])('stop a boot where they let through the old disks alone: %s', (setting, device) => {
    const text = `devices {\n\t# filter = [ "a|.*|" ]\n\t${setting}\n\tscan = [ "/dev" ]\n}\n`;
    expect(readLvmFilters(text, 'lvm.conf')).toMatchObject([
      { device, stopsBoot: true, entry: { kind: 'lvm filter' } },
    ]);
  });

  it.each([
    '# filter = [ "a|/dev/sda|", "r|.*|" ]',
    'filter = [ "a|.*|" ]',
    'filter = [ "a|.*/|" ]',
    'filter = [ "a|/dev/[sv]da|", "r|.*|" ]',
    'filter = [ "a|/dev/sda|", "a|/dev/vda|", "r|.*|" ]',
    'filter = [ "a|/dev/sda|", "a|.*|" ]',
    'filter = [ "r|/dev/cdrom|" ]',
    'filter = [ "r|^/dev/drbd|" ]',
    'filter = [ "a|/dev/md.*|", "r|.*|" ]',
    'filter = [ "a|/dev/disk/by-id/lvm-pv-uuid-.*|", "r|.*|" ]',
    'filter = [',
    'filter = "a|.*|"',
    '',
  ])('let virtio disks through: %j', (text) => {
    expect(readLvmFilters(text, 'lvm.conf')).toEqual([]);
  });

  it('are read in little time, whatever a guest writes', () => {
    const started = performance.now();
    for (const text of [
      'filter=["'.repeat(100_000),
      `filter=[${'"",'.repeat(300_000)}`,
      `filter ${' '.repeat(1_000_000)}`,
    ])
      expect(readLvmFilters(text, 'lvm.conf')).toEqual([]);
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

describe('whether LVM has a devices file at all', () => {
  it.each(['devices {\n\tuse_devicesfile = 0\n}\n', 'devices/use_devicesfile=0'])('is said by lvm.conf: %j', (text) => {
    expect(ignoresDevicesFile(text)).toBe(true);
  });

  it.each(['', 'devices {\n\t# use_devicesfile = 0\n}\n', 'use_devicesfile = 1'])('is not said by it: %j', (text) => {
    expect(ignoresDevicesFile(text)).toBe(false);
  });
});
