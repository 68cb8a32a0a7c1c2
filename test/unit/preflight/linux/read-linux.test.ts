import { describe, expect, it } from '@jest/globals';
import { UnreadableError } from '../../../../src/preflight/guest-files.ts';
import { judgeLinux } from '../../../../src/preflight/linux/judge-linux.ts';
import { readLinux } from '../../../../src/preflight/linux/read-linux.ts';
import type { ArchiveEntry } from '../../../testbed/newc-archive.ts';
import { memoryFiles } from '../memory-files.ts';
import { debianGrub, entryAt, grubHeader } from './grub-texts.ts';
import { debianKernel, initramfs, kernelImage, modulesFolder } from './linux-system.ts';
import { VIRTIO } from './make-initramfs.ts';
import {
  alpine,
  arch,
  centos6,
  debian,
  debianWithMicrocode,
  debianWithOwnBoot,
  fedora,
  fedoraSubvolume,
  gentoo,
  openSuse,
  rhel7,
  rhel7Efi,
  rhel8,
  rhel9,
  type System,
  sles11,
  systemdBoot,
  ubuntuKvm,
  WITHOUT,
} from './whole-systems.ts';

describe('systems that boot from virtio', () => {
  it.each<[string, () => System | Promise<System>]>([
    ['Debian with GRUB', debian],
    ['Debian with /boot as a file system of its own', debianWithOwnBoot],
    ['Debian with an initramfs as it really is: microcode, then zstd', debianWithMicrocode],
    ['Ubuntu with the driver built in, and no initramfs at first', ubuntuKvm],
    ['CentOS 6 with GRUB 1', centos6],
    ['SUSE 11 with GRUB 1', () => sles11()],
    ['Gentoo with a kernel that has all inside, and no modules', gentoo],
    ['Fedora with /boot in its subvolume', fedoraSubvolume],
    ['RHEL 7 with its saved entry', () => rhel7()],
    ['RHEL 7 with UEFI', rhel7Efi],
    ['RHEL 8 with variables in its entries', () => rhel8()],
    ['RHEL 9 with BIOS', rhel9],
    ['Fedora after a boot that it did not count', fedora],
    ['openSUSE', () => openSuse('/boot', '/boot')],
    ['openSUSE with a subvolume in front of /boot', () => openSuse('/@/boot', '/boot')],
    ['openSUSE in a snapshot', () => openSuse('/@/.snapshots/1/snapshot/boot', '/.snapshots/1/snapshot/boot')],
    ['Arch with no versions in its names', arch],
    ['Alpine with extlinux', alpine],
    ["systemd-boot on Debian's own EFI partition", systemdBoot],
  ])('%s', async (_, system) => {
    const facts = await readLinux(memoryFiles(await system()));
    expect(facts.unreadable).toEqual([]);
    expect(facts.unreadableNames).toEqual([]);
    expect(judgeLinux(facts, SYSTEM)).toMatchObject({ verdict: 'proven', refusals: [], warnings: [] });
  });
});

describe('the kernel that boots by default', () => {
  it('decides alone: another one may lack the driver', async () => {
    const system = { ...debian(['6.1', '5.10']), ...debianKernel('5.10', { modules: WITHOUT }) };
    expect(await verdictOf(system)).toBe('proven');
  });

  it('decides alone: that another one has the driver does not help', async () => {
    const system = { ...debian(['6.1', '5.10']), ...debianKernel('6.1', { modules: WITHOUT }) };
    expect(await judge(system)).toMatchObject({
      verdict: 'refuted',
      summary: 'Linux 6.1 has virtio_blk, virtio_pci neither built in nor in /boot/initrd.img-6.1.',
    });
  });

  it('is not read where another one is: only its own files are opened', async () => {
    const files = memoryFiles(debian(['6.1', '5.10', '4.19']));
    await readLinux(files);
    expect(files.opened.filter((path) => path.includes('initrd'))).toEqual(['/boot/initrd.img-6.1']);
  });

  it('is the saved one of RHEL 7, by its title', async () => {
    const old = 'CentOS Linux (3.10.0-957.el7.x86_64) 7 (Core)';
    const lacking = { '/boot/initramfs-3.10.0-957.el7.x86_64.img': initramfs('3.10.0-957.el7.x86_64', WITHOUT) };
    expect(await verdictOf({ ...rhel7(), ...lacking })).toBe('proven');
    expect(await verdictOf({ ...rhel7(old), ...lacking })).toBe('refuted');
  });

  it('is the saved one of RHEL 8, by its id', async () => {
    const lacking = { '/boot/initramfs-4.18.0-80.el8.x86_64.img': initramfs('4.18.0-80.el8.x86_64', WITHOUT) };
    expect(await verdictOf({ ...rhel8(), ...lacking })).toBe('proven');
    expect(await verdictOf({ ...rhel8('ffa1-4.18.0-80.el8.x86_64'), ...lacking })).toBe('refuted');
  });

  it('may not be told: then all have to have the driver', async () => {
    const versions = ['6.1', '5.10', '4.19'];
    const grub = { '/boot/grub/grub.cfg': debianGrub(versions, { folder: '/boot', wanted: 'gone' }) };
    const system = { ...debian(versions), ...grub };
    expect(await judge(system)).toMatchObject({
      verdict: 'proven',
      summary: 'Every kernel that may boot (6.1, 5.10, 4.19) has the driver.',
    });
    expect(await verdictOf({ ...system, ...debianKernel('4.19', { modules: WITHOUT }) })).toBe('unknown');
    expect(await verdictOf(without(system, '/boot/initrd.img-4.19'))).toBe('unknown');
    const allLack = versions.map((version) => debianKernel(version, { modules: WITHOUT }));
    expect(await verdictOf(Object.assign({}, system, ...allLack))).toBe('refuted');
  });

  it('may not be told among more kernels than are looked at: the last could lack the driver', async () => {
    const versions = Array.from({ length: 12 }, (_, n) => `6.${n}`);
    const grub = { '/boot/grub/grub.cfg': debianGrub(versions, { folder: '/boot', wanted: 'gone' }) };
    const system = { ...debian(versions), ...grub, ...debianKernel('6.11', { modules: WITHOUT }) };
    expect(await verdictOf(system)).toBe('unknown');
  });

  it('has each kernel read once, however many entries start it', async () => {
    const grub = { '/boot/grub/grub.cfg': debianGrub(['6.1', '5.10'], { folder: '/boot', wanted: 'gone' }) };
    const files = memoryFiles({ ...debian(['6.1', '5.10']), ...grub });
    await readLinux(files);
    expect(files.opened.filter((path) => path.includes('initrd'))).toHaveLength(2);
  });

  it('is one of two where two boot loaders are there', async () => {
    const system = {
      ...debian(['6.1']),
      ...debianKernel('5.10', { modules: WITHOUT }),
      '/boot/efi/EFI/debian/grub.cfg': debianGrub(['5.10'], { folder: '/boot' }),
    };
    expect(await verdictOf(system)).toBe('unknown');
  });

  it('is not that of a boot loader whose kernels are gone', async () => {
    const stale = { '/boot/efi/EFI/debian/grub.cfg': debianGrub(['4.9'], { folder: '/boot' }) };
    expect(await judge({ ...debian(['6.1']), ...stale })).toMatchObject({
      verdict: 'proven',
      summary: 'Linux 6.1, which boots by default, finds the virtio disk driver in /boot/initrd.img-6.1.',
    });
  });

  it.each<[string, string, System]>([
    ['can not be read', debianGrub(['4.9'], { folder: '/boot' }), { '/boot/vmlinuz-4.9': new UnreadableError('no') }],
    ['are no Linux', `menuentry 'Windows' {\n chainloader +1\n}\n${debianGrub(['4.9'])}`, {}],
  ])('may be that of a boot loader whose kernels %s', async (_, grub, more) => {
    const other = { '/boot/efi/EFI/debian/grub.cfg': grub, ...more };
    expect(await verdictOf({ ...debian(['6.1']), ...other })).toBe('unknown');
  });

  it('may be that of a boot loader of whose kernels only some are gone', async () => {
    const grub = debianGrub(['4.9', '5.10'], { folder: '/boot', wanted: 'gone' });
    const other = { '/boot/efi/EFI/debian/grub.cfg': grub, ...debianKernel('5.10') };
    expect(await verdictOf({ ...debian(['6.1']), ...other })).toBe('unknown');
  });

  it('may be no Linux at all', async () => {
    const grub = `${grubHeader('0')}menuentry 'Windows' {\n  chainloader +1\n}\n${debianGrub(['6.1'], { folder: '/boot' })}`;
    expect(await judge({ ...debian(['6.1']), '/boot/grub/grub.cfg': grub })).toMatchObject({
      verdict: 'unknown',
      summary: expect.stringContaining('starts no Linux kernel'),
    });
  });

  it('is unknown where no boot loader is known, and the running command line is the best hint', async () => {
    const files = { '/proc/cmdline': 'BOOT_IMAGE=Linux ro root=801', '/etc/lilo.conf': 'boot=/dev/sda' };
    const judgement = await judge(files);
    expect(judgement.verdict).toBe('unknown');
    expect(judgement.refusals).toMatchObject([
      { message: expect.stringContaining("/proc/cmdline names the kernel argument root= by '801'") },
    ]);
  });
});

describe('a kernel and its modules', () => {
  it('are told by the kernel itself, not by its name', async () => {
    const system = { ...debian(['6.1']), '/boot/vmlinuz-6.1': kernelImage('6.1.0-own') };
    expect(await judge(system)).toMatchObject({
      verdict: 'unknown',
      summary: expect.stringContaining('modules.builtin of 6.1.0-own'),
    });
    expect(await verdictOf({ ...system, ...modulesFolder('6.1.0-own') })).toBe('refuted');
    expect(
      await verdictOf({ ...system, ...modulesFolder('6.1.0-own'), '/boot/initrd.img-6.1': initramfs('6.1.0-own') }),
    ).toBe('proven');
  });

  it('are told by the name where the kernel does not say', async () => {
    const system = { ...debian(['6.1']), '/boot/vmlinuz-6.1': Buffer.from([0x1f, 0x8b, 8]) };
    expect(await verdictOf(system)).toBe('proven');
  });

  it('are told by the name where the initramfs has no modules at all', async () => {
    const builtIn = 'kernel/virtio_blk.ko\nkernel/virtio_pci.ko\n';
    const mute = { '/boot/vmlinuz-6.1': Buffer.from('MZ'), '/boot/initrd.img-6.1': initramfs('6.1', []) };
    expect(await verdictOf({ ...debian(['6.1']), ...mute, ...modulesFolder('6.1', { builtIn }) })).toBe('proven');
  });

  it('are told by the initramfs where neither the kernel nor its name say', async () => {
    expect(await verdictOf({ ...arch(), '/boot/vmlinuz-linux': Buffer.from('MZ') })).toBe('proven');
    const two: ArchiveEntry[] = [{ type: 'file', path: 'lib/modules/5.10/a.ko', content: 'x' }];
    const ambiguous = { '/boot/initramfs-linux.img': initramfs('6.6.7-arch1-1', VIRTIO, two) };
    expect(await verdictOf({ ...arch(), '/boot/vmlinuz-linux': Buffer.from('MZ'), ...ambiguous })).toBe('unknown');
  });

  it('can not be told where the name says something else than the initramfs', async () => {
    const mute = { '/boot/vmlinuz-6.1': Buffer.from('MZ') };
    const system = { ...debian(['6.1']), ...mute, '/boot/initrd.img-6.1': initramfs('6.1.0-own', WITHOUT) };
    expect(await judge(system)).toMatchObject({
      verdict: 'unknown',
      summary: expect.stringContaining('comes with modules of another kernel (6.1.0-own)'),
    });
  });

  it('can not be told where neither says anything', async () => {
    const system = {
      ...arch(),
      '/boot/vmlinuz-linux': Buffer.from('MZ'),
      '/boot/initramfs-linux.img': initramfs('6.6', []),
    };
    expect(await judge(system)).toMatchObject({
      verdict: 'unknown',
      summary: expect.stringContaining('does not tell its version'),
    });
  });

  it('do not fit where the driver in the initramfs is for another kernel', async () => {
    expect(await verdictOf({ ...debian(['6.1']), '/boot/initrd.img-6.1': initramfs('5.10') })).toBe('refuted');
  });

  it('are found under /usr/lib/modules alone', async () => {
    const moved = Object.fromEntries(
      Object.entries(debian(['6.1'])).map(([path, content]) => [path.replace(/^\/lib\//, '/usr/lib/'), content]),
    );
    expect(await verdictOf(moved)).toBe('proven');
  });

  it('are described by the initramfs where the system has them no more (the rescue kernel)', async () => {
    const indexes: ArchiveEntry[] = Object.entries(modulesFolder('6.1')).map(([path, content]) => ({
      type: 'file',
      path: `usr${path}`,
      content: String(content),
    }));
    const bare = without(without(debian(['6.1']), '/lib/modules/6.1/modules.dep'), '/lib/modules/6.1/modules.builtin');
    expect(await verdictOf(bare)).toBe('unknown');
    expect(await verdictOf({ ...bare, '/boot/initrd.img-6.1': initramfs('6.1', VIRTIO, indexes) })).toBe('proven');
  });

  it.each([
    ['one of the modules that the driver needs', ['virtio_blk', 'virtio_pci', 'virtio'], 'virtio_ring'],
    ['the driver of the bus', ['virtio_blk', 'virtio', 'virtio_ring'], 'virtio_pci'],
    ['the driver', ['virtio_pci', 'virtio', 'virtio_ring'], 'virtio_blk'],
  ])('lack %s', async (_, modules, missing) => {
    expect(await judge({ ...debian(['6.1']), ...debianKernel('6.1', { modules }) })).toMatchObject({
      verdict: 'refuted',
      summary: `Linux 6.1 has ${missing} neither built in nor in /boot/initrd.img-6.1.`,
    });
  });

  it('lack a driver that is in the initramfs by name only', async () => {
    const empty: ArchiveEntry[] = [
      { type: 'file', path: 'lib/modules/6.1/kernel/drivers/block/virtio_blk.ko', content: '' },
    ];
    const others = VIRTIO.filter((name) => name !== 'virtio_blk');
    expect(await verdictOf({ ...debian(['6.1']), '/boot/initrd.img-6.1': initramfs('6.1', others, empty) })).toBe(
      'refuted',
    );
  });

  it.each([
    ['on the command line', { args: 'root=UUID=5f2c modprobe.blacklist=virtio_blk' }, []],
    [
      'in the initramfs',
      {},
      [{ type: 'file', path: 'etc/modprobe.d/a.conf', content: 'blacklist virtio_blk' }] as const,
    ],
  ])('may be told not to load the driver %s', async (_, options, more) => {
    const system = {
      ...debian(['6.1']),
      '/boot/grub/grub.cfg': debianGrub(['6.1'], { folder: '/boot', ...options }),
      '/boot/initrd.img-6.1': initramfs('6.1', VIRTIO, more),
    };
    expect(await judge(system)).toMatchObject({
      verdict: 'refuted',
      summary: 'Linux 6.1 is told not to load virtio_blk.',
    });
  });

  it('lack a driver by the configuration of a kernel that lists nothing else', async () => {
    expect(await judge(sles11(WITHOUT))).toMatchObject({
      verdict: 'refuted',
      lack: { hint: expect.stringContaining('INITRD_MODULES') },
    });
    expect(await verdictOf(without(sles11(WITHOUT), '/boot/config-3.0.101-63-default'))).toBe('unknown');
  });

  it('prove nothing where the initramfs loads its modules in a way of its own (RHEL 5)', async () => {
    const loose: ArchiveEntry[] = VIRTIO.map((name) => ({ type: 'file', path: `lib/${name}.ko`, content: 'x' }));
    const judgement = await judge({ ...debian(['6.1']), '/boot/initrd.img-6.1': initramfs('6.1', [], loose) });
    expect(judgement).toMatchObject({ verdict: 'unknown', summary: expect.stringContaining('in its own way') });
  });

  it.each<[string, System]>([
    ['the kernel', { '/boot/vmlinuz-6.1': new UnreadableError('Permission denied') }],
    ['the initramfs', { '/boot/initrd.img-6.1': new UnreadableError('Permission denied') }],
    ['the boot menu', { '/boot/grub/grub.cfg': new UnreadableError('Permission denied') }],
    ['what is built in', { '/lib/modules/6.1/modules.builtin': new UnreadableError('Permission denied') }],
    ['what the driver needs', { '/lib/modules/6.1/modules.dep': new UnreadableError('Permission denied') }],
  ])('prove nothing where %s can not be read', async (_, secret) => {
    expect(await judge({ ...debian(['6.1']), ...secret })).toMatchObject({
      verdict: 'unknown',
      summary: expect.stringContaining('Permission denied'),
    });
  });

  it.each(['/boot/vmlinuz-6.1', '/boot/initrd.img-6.1'])('prove nothing where %s is gone', async (path) => {
    expect(await judge(without(debian(['6.1']), path))).toMatchObject({
      verdict: 'unknown',
      summary: expect.stringContaining('is not there'),
    });
  });

  it('prove nothing where the initramfs is damaged', async () => {
    const whole = initramfs('6.1');
    expect(
      await judge({ ...debian(['6.1']), '/boot/initrd.img-6.1': whole.subarray(0, whole.length - 20) }),
    ).toMatchObject({
      verdict: 'unknown',
      summary: expect.stringContaining('/boot/initrd.img-6.1'),
    });
  });
});

describe('names of disks', () => {
  it('are those of the entry that boots, and not of the others', async () => {
    const old = entryAt('/boot/vmlinuz-6.1', '/boot/initrd.img-6.1', {
      title: 'old',
      id: 'old',
      args: 'root=/dev/sda1',
    });
    const grub = debianGrub(['6.1'], { folder: '/boot' }) + old;
    expect((await judge({ ...debian(['6.1']), '/boot/grub/grub.cfg': grub })).refusals).toEqual([]);
    const args = 'root=/dev/sda1 ro resume=/dev/sda5';
    const named = { '/boot/grub/grub.cfg': debianGrub(['6.1'], { folder: '/boot', args }) };
    const judgement = await judge({ ...debian(['6.1']), ...named });
    expect(judgement.verdict).toBe('proven');
    expect(judgement.refusals.map(({ message }) => message)).toEqual([
      "/boot/grub/grub.cfg names the kernel argument root= by '/dev/sda1', which changes on virtio.",
    ]);
    expect(judgement.warnings).toMatchObject([
      { code: 'device-names-harmless', message: expect.stringContaining('/dev/sda5') },
    ]);
  });

  it('are those of all entries where the default can not be told', async () => {
    const old = entryAt('/boot/vmlinuz-6.1', '/boot/initrd.img-6.1', {
      title: 'old',
      id: 'old',
      args: 'root=/dev/sda1',
    });
    const grub = debianGrub(['6.1'], { folder: '/boot', wanted: 'gone' }) + old;
    expect((await judge({ ...debian(['6.1']), '/boot/grub/grub.cfg': grub })).refusals).toHaveLength(1);
  });

  it('come from the files of the system', async () => {
    const judgement = await judge({
      ...debian(['6.1']),
      '/etc/fstab': '/dev/sda1 / ext4 defaults 0 1\n/dev/sda5 none swap sw 0 0\n',
      '/etc/crypttab': 'data /dev/sdb1 none luks\n',
      '/etc/mdadm/mdadm.conf': 'DEVICE /dev/sd*\n',
      '/etc/lvm/devices/system.devices': 'IDTYPE=sys_wwid IDNAME=t10.ATA_QEMU DEVNAME=/dev/sda2 PVID=x\n',
      '/etc/lvm/lvm.conf': 'devices {\n  filter = [ "a|/dev/sda|", "r|.*|" ]\n}\n',
      '/boot/grub/device.map': '(hd0) /dev/sda\n',
      '/etc/default/grub': 'GRUB_CMDLINE_LINUX="root=/dev/sda1"\n',
      '/etc/udev/rules.d/99-a.rules': 'KERNEL=="sda", OWNER="oracle"\n',
    });
    expect(judgement.refusals.map(({ code, message }) => [code, message.split(' ')[0]])).toEqual([
      ['device-names', '/etc/fstab'],
      ['device-names', '/etc/crypttab'],
      ['device-names', '/etc/mdadm/mdadm.conf'],
      ['device-names', '/etc/lvm/devices/system.devices'],
      ['device-names', '/etc/lvm/lvm.conf'],
    ]);
    expect(judgement.warnings.map(({ message }) => message.split(' ')[0])).toEqual([
      '/etc/fstab',
      '/etc/default/grub',
      '/boot/grub/device.map',
      '/etc/udev/rules.d/99-a.rules',
    ]);
  });

  it('come from what the initramfs waits for', async () => {
    const hook: ArchiveEntry = {
      type: 'file',
      path: 'usr/lib/dracut/hooks/initqueue/finished/devexists-\\x2fdev\\x2fdisk\\x2fby-id\\x2fata-QEMU_HARDDISK_QM00001-part2.sh',
      content: '[ -e "/dev/disk/by-id/ata-QEMU_HARDDISK_QM00001-part2" ]',
    };
    const judgement = await judge({ ...debian(['6.1']), '/boot/initrd.img-6.1': initramfs('6.1', VIRTIO, [hook]) });
    expect(judgement).toMatchObject({
      verdict: 'proven',
      refusals: [
        {
          code: 'device-names',
          message:
            "/boot/initrd.img-6.1 names a disk that it waits for by '/dev/disk/by-id/ata-QEMU_HARDDISK_QM00001-part2', which changes on virtio.",
          hint: expect.stringContaining('--no-hostonly'),
        },
      ],
    });
  });

  it('come from the arguments that the initramfs adds, unless the boot loader gives a root after them', async () => {
    const more: ArchiveEntry[] = [
      { type: 'file', path: 'etc/cmdline.d/95root-dev.conf', content: 'root=/dev/sda2 rootfstype=xfs' },
    ];
    const system = (args: string) => ({
      ...debian(['6.1']),
      '/boot/grub/grub.cfg': debianGrub(['6.1'], { folder: '/boot', args }),
      '/boot/initrd.img-6.1': initramfs('6.1', VIRTIO, more),
    });
    expect((await judge(system('root=UUID=5f2c ro'))).refusals).toEqual([]);
    expect((await judge(system('ro quiet'))).refusals).toMatchObject([
      { message: expect.stringContaining('/boot/initrd.img-6.1:etc/cmdline.d/95root-dev.conf names') },
    ]);
  });

  it("come from copies of the system's files in the initramfs, also where the file itself is gone", async () => {
    const line = 'IDTYPE=sys_wwid IDNAME=t10.ATA_QEMU DEVNAME=/dev/sda2 PVID=x\n';
    const copy: ArchiveEntry = { type: 'file', path: 'etc/lvm/devices/system.devices', content: line };
    const system = { ...debian(['6.1']), '/boot/initrd.img-6.1': initramfs('6.1', VIRTIO, [copy]) };
    expect((await judge(system)).refusals).toMatchObject([
      {
        message: expect.stringContaining('/boot/initrd.img-6.1:/etc/lvm/devices/system.devices'),
        hint: expect.stringContaining('make the initramfs without it'),
      },
    ]);
    const both = await judge({ ...system, '/etc/lvm/devices/system.devices': line });
    expect(both.refusals).toMatchObject([{ message: expect.stringMatching(/^\/etc\/lvm/) }]);
  });

  it('in the devices file do not matter where LVM is told to use none', async () => {
    const system = {
      ...debian(['6.1']),
      '/etc/lvm/devices/system.devices': 'IDTYPE=sys_wwid IDNAME=t10.ATA_QEMU DEVNAME=/dev/sda2 PVID=x\n',
      '/etc/lvm/lvm.conf': 'devices {\n\tuse_devicesfile = 0\n}\n',
    };
    expect((await judge(system)).refusals).toEqual([]);
  });

  it('are not known to be none where a file that may hold them can not be read', async () => {
    const judgement = await judge({ ...debian(['6.1']), '/etc/fstab': new UnreadableError('Permission denied') });
    expect(judgement.refusals).toMatchObject([
      { code: 'device-names', message: expect.stringContaining('/etc/fstab: Permission denied') },
    ]);
  });

  it('do not matter in a file that can not be read and would be a warning at most', async () => {
    const judgement = await judge({
      ...debian(['6.1']),
      '/etc/default/grub': new UnreadableError('Permission denied'),
    });
    expect(judgement).toMatchObject({ verdict: 'proven', refusals: [], warnings: [] });
  });

  it('are bounded, however many a guest has', async () => {
    const fstab = Array.from({ length: 40_000 }, (_, n) => `/dev/sdb${n} /srv/${n} xfs`).join('\n');
    const judgement = await judge({ ...debian(['6.1']), '/etc/fstab': fstab });
    expect(judgement.refusals.length).toBeLessThan(50);
  });

  it('are not read from a file larger than any of its kind', async () => {
    const judgement = await judge({ ...debian(['6.1']), '/etc/fstab': '# comment\n'.repeat(200_000) });
    expect(judgement.refusals).toMatchObject([{ message: expect.stringContaining('/etc/fstab is larger than') }]);
  });
});

const SYSTEM = { id: 'test', prettyName: 'Test' };

async function judge(system: System) {
  return judgeLinux(await readLinux(memoryFiles(system)), SYSTEM);
}

async function verdictOf(system: System): Promise<string> {
  return (await judge(system)).verdict;
}

function without(system: System, path: string): System {
  return Object.fromEntries(Object.entries(system).filter(([one]) => one !== path));
}
