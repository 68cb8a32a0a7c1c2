import { describe, expect, it } from '@jest/globals';
import { argumentsNamingDisks, hasRootArgument } from '../../../../src/preflight/linux/kernel-arguments.ts';

describe('a kernel command line', () => {
  it.each([
    ['the root', 'ro root=/dev/sda1 quiet', '/dev/sda1'],
    ['the root in quotes', 'root="/dev/sda1"', '/dev/sda1'],
    ['the root among quoted settings', 'GRUB_CMDLINE_LINUX="root=/dev/sda1 quiet"', '/dev/sda1'],
    [
      'the root by its path',
      'root=/dev/disk/by-path/pci-0000:00:1f.2-ata-1-part1',
      '/dev/disk/by-path/pci-0000:00:1f.2-ata-1-part1',
    ],
    ['the root by its number', 'root=8:1', '8:1'],
    ['the root by its number, as LILO writes it', 'root=801', '801'],
    ['the root by a variable that can not be told', 'root=$disk', '$disk'],
    ["Gentoo's root", 'root=/dev/ram0 real_root=/dev/sda3', '/dev/sda3'],
    ['a disk of a btrfs root', 'root=UUID=1 rootflags=subvol=@,device=/dev/sdb', '/dev/sdb'],
    ['the encrypted root', 'cryptdevice=/dev/sda2:root root=/dev/mapper/root', '/dev/sda2'],
    ["Debian's encrypted root", 'cryptopts=target=root,source=/dev/sda2,key=none', '/dev/sda2'],
    ["Alpine's encrypted root", 'cryptroot=/dev/sda3 cryptdm=root', '/dev/sda3'],
    ["dracut's encrypted root", 'rd.luks.name=/dev/sda2=root', '/dev/sda2'],
    ['the boot partition that FIPS mode checks', 'fips=1 boot=/dev/sda1', '/dev/sda1'],
    ['/usr', 'mount.usr=/dev/sda5', '/dev/sda5'],
  ])('names %s', (_, line, device) => {
    expect(argumentsNamingDisks(line, 'grub.cfg')).toMatchObject([
      { file: 'grub.cfg', device, purpose: expect.stringContaining('kernel argument'), stopsBoot: true },
    ]);
  });

  it('names all parts of an array', () => {
    const found = argumentsNamingDisks('md=0,/dev/sda1,/dev/sdb1 root=/dev/md0', 'grub.cfg');
    expect(found.map(({ device }) => device)).toEqual(['/dev/sda1', '/dev/sdb1']);
  });

  it('can do without the disk that it wakes up from', () => {
    expect(argumentsNamingDisks('root=UUID=1 resume=/dev/sda5 resume_offset=1', 'grub.cfg')).toMatchObject([
      { file: 'grub.cfg', device: '/dev/sda5', purpose: 'resuming from hibernation', stopsBoot: false },
    ]);
  });

  it('counts the last of several roots', () => {
    expect(argumentsNamingDisks('root=/dev/sda1 root=UUID=5f2c', 'x')).toEqual([]);
    expect(argumentsNamingDisks('root=UUID=5f2c root=/dev/sda1', 'x')).toMatchObject([{ device: '/dev/sda1' }]);
  });

  it.each([
    'root=UUID=5f2c1f7e-7a0a-4c28-9b39-02d8f7a7c0d1 ro',
    'root=LABEL=root',
    'root=PARTUUID=0aef-01',
    'root=/dev/mapper/rhel-root rd.lvm.lv=rhel/root rd.luks.uuid=luks-5f2c resume=/dev/mapper/rhel-swap',
    'root=ZFS=rpool/ROOT/debian',
    'root=zfs:AUTO',
    'boot=zfs boot=live root=live:CDLABEL=x',
    'nfsroot=/dev/sda1 xroot=/dev/sda1 x.root=/dev/sda1 my-root=/dev/sda1',
    'BOOT_IMAGE=(hd0,msdos1)/vmlinuz-5.14 console=ttyS0 crashkernel=auto',
    'cryptdevice=UUID=5f2c:root',
  ])('names no disk that changes: %s', (line) => {
    expect(argumentsNamingDisks(line, 'x')).toEqual([]);
  });

  it('says whether it has a root at all', () => {
    expect(hasRootArgument('ro root=UUID=1')).toBe(true);
    expect(hasRootArgument('ro rd.lvm.lv=vg/root nfsroot=1')).toBe(false);
  });
});
