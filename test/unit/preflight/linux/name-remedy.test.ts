import { describe, expect, it } from '@jest/globals';
import type { VolumeIdentity } from '../../../../src/preflight/guest-files.ts';
import { readCrypttab, readFstab, readNamingFile } from '../../../../src/preflight/linux/device-names.ts';
import { argumentsNamingDisks } from '../../../../src/preflight/linux/kernel-arguments.ts';
import { betterLine, type NameContext, remedyForName } from '../../../../src/preflight/linux/name-remedy.ts';
import type { NamedDisk } from '../../../../src/preflight/linux/named-disk.ts';

const ROOT = { uuid: '5f2c1f7e-7a0a', partitionUuid: '0aef-01' };
const KNOWN: Readonly<Record<string, VolumeIdentity>> = {
  '/dev/sda1': ROOT,
  '801': ROOT,
  '/dev/sdb1': { uuid: '9e77-1a2b', partitionUuid: undefined },
  '/dev/sdc': { uuid: undefined, partitionUuid: undefined },
  '/dev/sdd1': { uuid: undefined, partitionUuid: '77aa-04' },
};

describe('a line of fstab', () => {
  it.each([
    ['/dev/sda1 / ext4 defaults 0 1', 'UUID=5f2c1f7e-7a0a / ext4 defaults 0 1'],
    ['"/dev/sda1"\t/\text4\tdefaults 0 1 # root', 'UUID=5f2c1f7e-7a0a / ext4 defaults 0 1'],
    [
      '/dev/sdb1 /my\\040data xfs nofail,x-systemd.device-timeout=5',
      'UUID=9e77-1a2b /my\\040data xfs nofail,x-systemd.device-timeout=5',
    ],
    ['/dev/sdd1 /data xfs', 'PARTUUID=77aa-04 /data xfs'],
    ['UUID=1 /data btrfs device=/dev/sdc,compress=zstd 0 0', 'UUID=1 /data btrfs compress=zstd 0 0'],
    ['UUID=1 /data btrfs device=/dev/sdc 0 0', 'UUID=1 /data btrfs defaults 0 0'],
    ['UUID=1 /data xfs logdev=/dev/sdd1', 'UUID=1 /data xfs logdev=/dev/disk/by-partuuid/77aa-04'],
    ['/dev/sdb1 none swap sw 0 0', 'UUID=9e77-1a2b none swap sw 0 0'],
  ])('is written anew: %s', (line, better) => {
    const [named] = readFstab(line, '/etc/fstab');
    expect(named && betterLine(named, context())).toBe(better);
    expect(named && remedyForName(named, context())).toBe(`Inside the guest, write this line instead: '${better}'.`);
  });

  it.each([
    ['/dev/sdc /data xfs', "'blkid /dev/sdc' shows it"],
    ['/dev/sde1 /data xfs', "'blkid /dev/sde1' shows it"],
    ["/dev/sda1 /;reboot' ext4", "'blkid /dev/sda1' shows it"],
    [`/dev/sda1 /${'x'.repeat(400)} ext4`, "'blkid /dev/sda1' shows it"],
    ['/dev/disk/by-id/ata-$(reboot) /data xfs', "'blkid DEVICE' shows it"],
  ])('is left to a person where it can not be told, or is none to copy: %s', (line, hint) => {
    const [named] = readFstab(line, '/etc/fstab');
    expect(named && remedyForName(named, context())).toContain(hint);
  });

  it('is named by its label on FreeBSD', () => {
    const [named] = readFstab('/dev/ada0p2 / ufs rw', '/etc/fstab');
    expect(named && remedyForName(named, context({ id: 'freebsd' }))).toContain('glabel status');
  });
});

describe('a line of crypttab', () => {
  it.each([
    ['data /dev/sdb1 none luks', 'data UUID=9e77-1a2b none luks'],
    ['data /dev/sdb1', 'data UUID=9e77-1a2b'],
    ['swap /dev/sdd1 /dev/urandom swap', 'swap PARTUUID=77aa-04 /dev/urandom swap'],
    ['data UUID=1 /dev/sdb1:/key luks', 'data UUID=1 /dev/disk/by-uuid/9e77-1a2b:/key luks'],
  ])('is written anew, and the initramfs made anew after it: %s', (line, better) => {
    const [named] = readCrypttab(line, '/etc/crypttab');
    expect(named && remedyForName(named, context())).toBe(
      `Inside the guest, write this line instead: '${better}'; then update-initramfs -u -k all.`,
    );
  });
});

describe('a kernel argument', () => {
  it.each([
    ['rhel', '/boot/grub2/grub.cfg', "grubby --update-kernel=ALL --args='root=UUID=5f2c1f7e-7a0a'"],
    ['centos', '/boot/grub/grub.conf', "grubby --update-kernel=ALL --args='root=UUID=5f2c1f7e-7a0a'"],
    [
      'debian',
      '/boot/grub/grub.cfg',
      'take GRUB_DISABLE_LINUX_UUID and any root= out of /etc/default/grub, then update-grub',
    ],
    ['opensuse-leap', '/boot/grub2/grub.cfg', 'grub2-mkconfig -o /boot/grub2/grub.cfg'],
    [
      'arch',
      '/boot/grub/grub.cfg',
      'write root=UUID=5f2c1f7e-7a0a in GRUB_CMDLINE_LINUX of /etc/default/grub, then grub-mkconfig -o /boot/grub/grub.cfg',
    ],
    [
      'alpine',
      '/boot/extlinux.conf',
      "sed -i 's|^root=.*|root=UUID=5f2c1f7e-7a0a|' /etc/update-extlinux.conf && update-extlinux",
    ],
    ['sles', '/boot/grub/menu.lst', 'write root=UUID=5f2c1f7e-7a0a in /boot/grub/menu.lst'],
    ['', "the definition's <cmdline>", "write root=UUID=5f2c1f7e-7a0a in the definition's <cmdline>"],
  ])('is given as its system does it: %s in %s', (id, file, command) => {
    for (const args of ['ro root=/dev/sda1', 'ro root=801']) {
      const [named] = argumentsNamingDisks(args, file);
      expect(named && remedyForName(named, context({ id }))).toContain(command);
    }
  });

  it('other than root= goes into the settings', () => {
    const [named] = argumentsNamingDisks('cryptdevice=/dev/sda1:root', '/boot/grub/grub.cfg');
    expect(named && remedyForName(named, context({ id: 'debian' }))).toContain(
      'write cryptdevice=UUID=5f2c1f7e-7a0a:root in GRUB_CMDLINE_LINUX of /etc/default/grub, then update-grub',
    );
  });

  it('takes a PARTUUID where there is no initramfs that looks for a file system', () => {
    const [named] = argumentsNamingDisks('root=/dev/sda1', '/boot/grub/grub.cfg');
    expect(named && remedyForName(named, { ...context(), isBare: true })).toContain('root=PARTUUID=0aef-01');
  });

  it.each([
    ['root=/dev/sde1', 'root=UUID=... '],
    ['md=0,/dev/sde1', 'md= with a UUID'],
    ['root=/dev/disk/by-id/ata-x;reboot', "'blkid DEVICE' shows it"],
  ])('is left to a person where it can not be told: %s', (args, text) => {
    const [named] = argumentsNamingDisks(args, '/boot/grub2/grub.cfg');
    expect(named && `${remedyForName(named, context({ id: 'suse' }))} `).toContain(text);
  });
});

describe('other files', () => {
  it.each([
    [
      '/etc/mdadm.conf',
      'DEVICE /dev/sd*',
      "write 'DEVICE partitions' in /etc/mdadm.conf; then dracut --force --regenerate-all",
    ],
    ['/etc/mdadm.conf', 'ARRAY /dev/md0 devices=/dev/sda1 UUID=1', 'take devices= out of the ARRAY line'],
    [
      '/etc/lvm/devices/system.devices',
      'IDTYPE=sys_wwid IDNAME=t10.ATA DEVNAME=/dev/sda2 PVID=x',
      'mv /etc/lvm/devices/system.devices /etc/lvm/devices/system.devices.before-virtio && dracut --force --regenerate-all; afterwards vgimportdevices -a',
    ],
    ['/etc/lvm/lvm.conf', 'filter = [ "a|/dev/sda|", "r|.*|" ]', 'accept /dev/vd.* as well'],
    ['/etc/zfs/zpool.cache', '/dev/sdb1', 'systemctl enable zfs-import-scan.service'],
  ])('have a remedy of their own: %s with %s', (path, text, command) => {
    const [named] = readNamingFile(path, text);
    expect(named && remedyForName(named, context({ id: 'rhel' }))).toContain(command);
  });

  it('are made anew where they are inside an initramfs, by what made it', () => {
    const named: NamedDisk = {
      file: '/boot/initrd.img',
      device: '/dev/sda1',
      purpose: 'a disk',
      stopsBoot: true,
      entry: { kind: 'inside an initramfs' },
    };
    expect(remedyForName(named, { ...context(), maker: 'dracut' })).toContain('--regenerate-all --no-hostonly');
    expect(remedyForName(named, context())).toContain('update-initramfs -u -k all');
  });
});

function context({ id = 'debian' } = {}): NameContext {
  return {
    system: { id, prettyName: id },
    maker: undefined,
    isBare: false,
    volumes: new Map(Object.entries(KNOWN)),
  };
}
