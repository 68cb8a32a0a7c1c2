import { describe, expect, it } from '@jest/globals';
import { NAMING_FILES, readCrypttab, readFstab } from '../../../../src/preflight/linux/device-names.ts';

const BY_PATH = '/dev/disk/by-path/pci-0000:00:1f.2-ata-1';

describe('/etc/fstab', () => {
  it("is Debian's, with names that stay and comments that name the old disk", () => {
    const text = `# /etc/fstab: static file system information.
# <file system> <mount point>   <type>  <options>       <dump>  <pass>
# / was on /dev/sda1 during installation
UUID=5f2c1f7e /               ext4    errors=remount-ro 0       1
#/dev/sda2 /old ext4 defaults 0 0
PARTUUID="0aef-02" /boot ext2 defaults 0 2
LABEL=data\t/data\txfs\tdefaults\t0 0
/dev/mapper/vg-home /home ext4 defaults 0 2
/dev/sr0        /media/cdrom0   udf,iso9660 user,noauto     0       0
tmpfs /tmp tmpfs defaults 0 0
/swap.img none swap sw 0 0
`;
    expect(readFstab(text, '/etc/fstab')).toEqual([]);
  });

  it.each([
    ['the root', '/dev/sda1 / ext4 defaults 0 1', '/dev/sda1', 'the file system at /'],
    ['a volume', '  /dev/sdb1\t/srv\txfs', '/dev/sdb1', 'the file system at /srv'],
    [
      'a volume that it can do without, but not without its data',
      '/dev/sdb1 /srv xfs nofail 0 0',
      '/dev/sdb1',
      'the file system at /srv',
    ],
    ['a name in quotes', '"/dev/sda1" / ext4', '/dev/sda1', 'the file system at /'],
    [
      'a disk by its id',
      '/dev/disk/by-id/ata-QEMU_HARDDISK_QM00001-part1 /srv xfs defaults',
      '/dev/disk/by-id/ata-QEMU_HARDDISK_QM00001-part1',
      'the file system at /srv',
    ],
    [
      'a further disk of a file system',
      'UUID=5f2c /srv btrfs defaults,device=/dev/sdc 0 0',
      '/dev/sdc',
      'the file system at /srv',
    ],
    ['the journal of a file system', 'UUID=5f2c /srv xfs logdev=/dev/sdd1', '/dev/sdd1', 'the file system at /srv'],
  ])('stops a boot, or costs data, that names %s', (_, line, device, purpose) => {
    expect(readFstab(line, '/etc/fstab')).toMatchObject([{ file: '/etc/fstab', device, purpose, stopsBoot: true }]);
  });

  it.each([
    ['swap', '/dev/sda5 none swap sw 0 0', 'swap'],
    ['a CD-ROM of an old kernel', '/dev/hdc /mnt iso9660 ro 0 0', 'the file system at /mnt'],
    ['what is mounted on demand only', '/dev/sdb1 /mnt auto user,noauto 0 0', 'the file system at /mnt'],
  ])('does not stop a boot that names %s', (_, line, purpose) => {
    expect(readFstab(line, '/etc/fstab')).toMatchObject([{ purpose, stopsBoot: false }]);
  });
});

describe('/etc/crypttab', () => {
  it.each([
    ['an encrypted volume', 'data /dev/sdb1 none luks', '/dev/sdb1'],
    ['an encrypted volume by its identity', 'data /dev/disk/by-id/scsi-0QEMU none luks', '/dev/disk/by-id/scsi-0QEMU'],
    [
      'the disk that a key is on',
      'data UUID=5f2c /dev/disk/by-id/usb-QEMU_1-0:0 luks',
      '/dev/disk/by-id/usb-QEMU_1-0:0',
    ],
    ["the disk that a key file is on, in Debian's way", 'data UUID=5f2c /dev/sdc1:/key luks', '/dev/sdc1'],
    ["the disk that a key file is on, in systemd's way", 'data UUID=5f2c /key:/dev/sdc1 luks', '/dev/sdc1'],
    ['a key file on a disk by its path', `data UUID=5f2c ${BY_PATH}:/key luks`, BY_PATH],
    ['the disk that a header is on', 'data UUID=5f2c none luks,header=/dev/sdc1', '/dev/sdc1'],
    ['the disk that a header file is on', 'data UUID=5f2c none luks,header=/head:/dev/sdc1', '/dev/sdc1'],
  ])('stops a boot that names %s', (_, line, device) => {
    expect(readCrypttab(line, '/etc/crypttab')).toMatchObject([
      { file: '/etc/crypttab', device, purpose: "the encrypted volume 'data'", stopsBoot: true },
    ]);
  });

  it.each([
    'late /dev/sdb1 none luks,noauto',
    'swap /dev/disk/by-id/ata-QEMU_1-part5 /dev/urandom swap,cipher=aes-xts-plain64',
    'tmp /dev/disk/by-path/pci-0000:00:1f.2-ata-1 /dev/urandom tmp=ext4',
  ])('does not stop a boot that can do without the volume: %s', (line) => {
    expect(readCrypttab(line, '/etc/crypttab')).toMatchObject([{ stopsBoot: false }]);
  });

  it.each([
    'swap /dev/sda5 /dev/urandom swap,cipher=aes-xts-plain64',
    'swap /dev/vdb1 /dev/urandom swap',
    'tmp /dev/sdb /dev/urandom tmp',
  ])('is not passed over where it would make swap of whatever disk has the name then: %s', (line) => {
    expect(readCrypttab(line, '/etc/crypttab')).toMatchObject([
      { stopsBoot: true, purpose: expect.stringContaining('made anew at each boot') },
    ]);
  });

  it('may name nothing that changes', () => {
    const text = '# data /dev/sdb1 none\ndata UUID=5f2c none luks,discard\nx PARTUUID=1 /etc/key luks\n';
    expect(readCrypttab(text, '/etc/crypttab')).toEqual([]);
  });
});

/** As debconf writes it. */
const DEBCONF = `Name: grub-pc/hidden_timeout
Template: grub-pc/hidden_timeout
Value: false
Owners: grub-pc

Name: grub-pc/install_devices
Template: grub-pc/install_devices
Value: /dev/disk/by-id/virtio-x, /dev/disk/by-id/ata-QEMU_HARDDISK_QM00001
Owners: grub-pc
Flags: seen

Name: grub-pc/install_devices_empty
Template: grub-pc/install_devices_empty
Value: /dev/sda
`;

describe('files that only a tool reads, and no boot', () => {
  it.each([
    ['/etc/default/grub', 'GRUB_CMDLINE_LINUX="root=/dev/sda1 quiet"', '/dev/sda1'],
    ['/etc/default/grub', 'GRUB_CMDLINE_LINUX_DEFAULT="resume=/dev/sda5"', '/dev/sda5'],
    ['/etc/kernel/cmdline', 'root=/dev/sda2 ro', '/dev/sda2'],
    ['/etc/initramfs-tools/conf.d/resume', 'RESUME=/dev/sda5', '/dev/sda5'],
    ['/var/cache/debconf/config.dat', DEBCONF, '/dev/disk/by-id/ata-QEMU_HARDDISK_QM00001'],
    ['/boot/grub/device.map', '(hd0)\t/dev/sda', '/dev/sda'],
    ['/boot/grub2/device.map', '# this device map was generated by anaconda\n(hd0)      /dev/sda', '/dev/sda'],
    ['/etc/smartd.conf', '/dev/sda -a -m root', '/dev/sda'],
    ['/etc/smartmontools/smartd.conf', '/dev/hdb -H', '/dev/hdb'],
  ])('are no more than a warning: %s with %j', (path, text, device) => {
    expect(read(path, text)).toMatchObject([{ file: path, device, stopsBoot: false }]);
  });

  it.each([
    ['/etc/default/grub', '#GRUB_CMDLINE_LINUX="root=/dev/sda1"\nGRUB_CMDLINE_LINUX="root=UUID=5f2c"'],
    ['/etc/initramfs-tools/conf.d/resume', 'RESUME=UUID=5f2c'],
    ['/etc/initramfs-tools/conf.d/resume', 'RESUME=none'],
    ['/boot/grub/device.map', '(hd0)\t/dev/disk/by-id/virtio-root\n#(hd1) /dev/sda'],
    ['/etc/smartd.conf', 'DEVICESCAN -a\n#/dev/sda -a'],
  ])('are not even that where they name nothing that changes: %s with %j', (path, text) => {
    expect(read(path, text)).toEqual([]);
  });
});

describe('layers between disks and file systems', () => {
  it.each([
    [
      '/etc/vdoconf.yml',
      'config: !Configuration\n  vdos:\n    vdo1: !VDOService\n      device: /dev/sdb\n',
      '/dev/sdb',
    ],
    [
      '/etc/zfs/zpool.cache',
      '\0\0\x04path\0\0\0\x09\0\0\x2f/dev/disk/by-id/ata-QEMU_HARDDISK_QM00002-part1\0\0\x24/dev/disk/by-id/ata-QEMU_HARDDISK_QM00002-part1',
      '/dev/disk/by-id/ata-QEMU_HARDDISK_QM00002-part1',
    ],
  ])('lose a volume: %s', (path, text, device) => {
    expect(read(path, text)).toMatchObject([{ device, stopsBoot: true }]);
  });

  it.each([
    ['/etc/vdoconf.yml', '  device: /dev/disk/by-id/lvm-pv-uuid-5f2c\n  name: /dev/sdb\n'],
    ['/etc/zfs/zpool.cache', '\0/dev/disk/by-partuuid/0aef-01\0rpool'],
  ])('find it by what stays: %s', (path, text) => {
    expect(read(path, text)).toEqual([]);
  });
});

describe('the files that can keep a system from booting', () => {
  it('are those whose absence of names has to be known', () => {
    expect(NAMING_FILES.filter(({ matters }) => matters).map(({ path }) => path)).toEqual([
      '/etc/fstab',
      '/etc/crypttab',
      '/etc/mdadm.conf',
      '/etc/mdadm/mdadm.conf',
      '/etc/lvm/devices/system.devices',
      '/etc/lvm/lvm.conf',
      '/etc/lvm/lvmlocal.conf',
      '/etc/vdoconf.yml',
      '/etc/zfs/zpool.cache',
    ]);
  });
});

function read(path: string, text: string) {
  return NAMING_FILES.filter((file) => file.path === path).flatMap((file) => file.read(text, path));
}
