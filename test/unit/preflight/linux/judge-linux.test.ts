import { describe, expect, it } from '@jest/globals';
import { judgeLinux } from '../../../../src/preflight/linux/judge-linux.ts';
import type { KernelFacts, LinuxFacts, ModulePlace } from '../../../../src/preflight/linux/linux-facts.ts';
import type { NamedDisk } from '../../../../src/preflight/linux/named-disk.ts';

const MISSING = { virtio_blk: 'missing', virtio_pci: 'built in' } as const;
const debian = { id: 'debian', prettyName: 'Debian GNU/Linux 12 (bookworm)' };

describe('the verdict on a Linux system', () => {
  it('is proven where the kernel that boots by default finds the driver', () => {
    expect(judge({})).toMatchObject({
      verdict: 'proven',
      summary: 'Linux 6.1, which boots by default, finds the virtio disk driver in /boot/initrd.img-6.1.',
      refusals: [],
      warnings: [],
    });
  });

  it('is proven where the driver is built in', () => {
    const kernels = [kernel({ modules: { virtio_blk: 'built in', virtio_pci: 'built in' }, initramfs: '' })];
    expect(judge({ kernels })).toMatchObject({
      verdict: 'proven',
      summary: 'Linux 6.1, which boots by default, has the virtio disk driver built in.',
    });
  });

  it('is refuted where the driver is missing, and says how to put it there', () => {
    const { verdict, summary, lack } = judge({ kernels: [kernel({ modules: MISSING })] });
    expect(verdict).toBe('refuted');
    expect(summary).toBe('Linux 6.1 has virtio_blk neither built in nor in /boot/initrd.img-6.1.');
    expect(lack).toMatchObject({ code: 'driver-missing', hint: expect.stringContaining('update-initramfs') });
  });

  it('is refuted where there is no initramfs and nothing is built in', () => {
    const { summary } = judge({ kernels: [kernel({ modules: MISSING, initramfs: '' })] });
    expect(summary).toBe('Linux 6.1 has virtio_blk neither built in nor in an initramfs.');
  });

  it('is refuted where the driver is there and blocked', () => {
    const modules = { virtio_blk: 'blocked', virtio_pci: 'built in' } as const;
    const { verdict, summary, lack } = judge({ kernels: [kernel({ modules })] });
    expect([verdict, summary]).toEqual(['refuted', 'Linux 6.1 is told not to load virtio_blk.']);
    expect(lack?.hint).toContain('blacklists');
  });

  it.each<[string, Partial<LinuxFacts>, string]>([
    ['no kernel was read', { kernels: [], unreadable: ['the boot loader: none'] }, 'unknown'],
    ['all kernels that may boot have the driver', { isDefaultKnown: false, kernels: [kernel(), kernel()] }, 'proven'],
    [
      'one that may boot lacks it',
      { isDefaultKnown: false, kernels: [kernel(), kernel({ modules: MISSING })] },
      'unknown',
    ],
    ['all that may boot lack it', { isDefaultKnown: false, kernels: [kernel({ modules: MISSING })] }, 'refuted'],
    ['one that may boot was not read', { isDefaultKnown: false, unreadable: ['boot entry'] }, 'unknown'],
    [
      'those that were read lack it, and one was not',
      { isDefaultKnown: false, kernels: [kernel({ modules: MISSING })], unreadable: ['boot entry'] },
      'unknown',
    ],
  ])('where %s: %s', (_, facts, verdict) => {
    expect(judge(facts).verdict).toBe(verdict);
  });

  it('says what could not be read', () => {
    const unreadable = ['the boot loader: Permission denied'];
    expect(judge({ kernels: [], unreadable }).summary).toBe(
      'What it boots could not be read (the boot loader: Permission denied).',
    );
  });

  it('comes with the facts that decided it', () => {
    expect(judge({}).facts).toEqual({
      system: 'Debian GNU/Linux 12 (bookworm)',
      'kernel 6.1': 'boots by default, initramfs /boot/initrd.img-6.1',
      'virtio_blk (6.1)': 'in the initramfs',
      'virtio_pci (6.1)': 'built in',
    });
  });
});

describe('names of disks', () => {
  it('are a refusal beside a proven driver where they stop a boot, else a warning', () => {
    const namedDisks = [named({}), named({ stopsBoot: false, purpose: 'swap', device: '/dev/sda5' })];
    expect(judge({ namedDisks })).toMatchObject({
      verdict: 'proven',
      refusals: [
        {
          code: 'device-names',
          message: "/etc/fstab names the file system at /srv by '/dev/sdb1', which changes on virtio.",
          hint: "Inside the guest, name it by UUID instead ('blkid /dev/sdb1' shows it).",
        },
      ],
      warnings: [
        {
          code: 'device-names-harmless',
          message: "/etc/fstab names swap by '/dev/sda5', which changes on virtio; the system boots all the same.",
        },
      ],
    });
  });

  it('never come as a command that a shell would take for another', () => {
    const { refusals } = judge({ namedDisks: [named({ device: '/dev/disk/by-id/ata-x;reboot' })] });
    expect(refusals[0]?.hint).toContain("'blkid DEVICE'");
  });

  it('may be in a file that could not be read, which refuses a system that was read otherwise', () => {
    const unreadableNames = ['/etc/fstab: Permission denied'];
    expect(judge({ unreadableNames }).refusals).toMatchObject([
      { code: 'device-names', message: expect.stringContaining('/etc/fstab: Permission denied') },
    ]);
    expect(judge({ unreadableNames, kernels: [] }).refusals).toEqual([]);
  });
});

describe("a guest's words", () => {
  it('are bounded, however long and however many they are', () => {
    const long = 'x'.repeat(1_000_000);
    const many = Array.from({ length: 100_000 }, (_, n) => named({ device: `${n}${long.slice(0, 200)}` }));
    const judgement = judgeLinux(
      {
        kernels: [kernel({ initramfs: long, modules: MISSING })],
        isDefaultKnown: false,
        namedDisks: [named({ file: long, device: long, purpose: long }), ...many],
        unreadable: Array.from({ length: 1000 }, () => long),
        unreadableNames: [long],
      },
      { id: long, prettyName: long },
    );
    expect(JSON.stringify(judgement).length).toBeLessThan(30_000);
    expect(JSON.stringify(judge({ kernels: [], unreadable: [long, long] })).length).toBeLessThan(2000);
  });
});

describe('the remedy for a missing driver', () => {
  it.each([
    ['debian', '/boot/initrd.img-6.1', "printf 'virtio_blk\\nvirtio_pci\\n' >> /etc/initramfs-tools/modules"],
    ['pop', '/boot/initrd.img-6.1', 'update-initramfs -u -k all'],
    ['ubuntu', '', 'update-initramfs -u -k all'],
    ['arch', '/boot/initramfs-linux.img', 'mkinitcpio -P'],
    ['alpine', '/boot/initramfs-lts', 'mkinitfs'],
    ['', '/boot/initramfs-6.1.img', "dracut --force --add-drivers 'virtio_blk virtio_pci' /boot/initramfs-6.1.img 6.1"],
    ['opensuse-leap', '/boot/initrd-6.1', "dracut --force --add-drivers 'virtio_blk virtio_pci' /boot/initrd-6.1 6.1"],
    ['gentoo', '/boot/initramfs-6.1.img', 'genkernel --virtio initramfs'],
    ['rhel', '/boot/a;reboot', "dracut --force --add-drivers 'virtio_blk virtio_pci' /boot/initramfs-6.1.img 6.1"],
  ])('is the one of its system: %s with %j', (id, initramfs, command) => {
    const facts = { kernels: [kernel({ initramfs, modules: MISSING })] };
    expect(judge(facts, { id, prettyName: 'x' }).lack?.hint).toContain(command);
  });
});

describe('the remedy for a missing driver, by what made the initramfs', () => {
  it.each([
    ['dracut', "dracut --force --add-drivers 'virtio_blk virtio_pci' /boot/initrd.img-6.1 6.1"],
    ['initramfs-tools', 'update-initramfs -u -k all'],
    ['mkinitcpio', "sed -i 's/^MODULES=[(\"]/&virtio_blk virtio_pci /' /etc/mkinitcpio.conf && mkinitcpio -P"],
    ['mkinitfs', `sed -i 's/^features="/&virtio /' /etc/mkinitfs/mkinitfs.conf && mkinitfs 6.1`],
    ['genkernel', 'genkernel --virtio initramfs'],
    ['mkinitrd', `sed -i 's/^INITRD_MODULES="/&virtio_pci virtio_blk /' /etc/sysconfig/kernel && mkinitrd`],
    ['booster', '/etc/booster.yaml, then /usr/lib/booster/regenerate_images'],
  ] as const)('is %s', (maker, command) => {
    const facts = { kernels: [{ ...kernel({ modules: MISSING }), maker }] };
    expect(judge(facts).lack?.hint).toContain(command);
  });

  it('is another kernel, where it does not come with the driver', () => {
    const { summary, lack } = judge({
      kernels: [kernel({ modules: { virtio_blk: 'not built', virtio_pci: 'built in' } })],
    });
    expect(summary).toBe('Linux 6.1 comes without virtio_blk.');
    expect(lack?.hint).toContain('install a kernel');
  });
});

function judge(facts: Partial<LinuxFacts>, system = debian) {
  const whole = { kernels: [kernel()], isDefaultKnown: true, namedDisks: [], unreadable: [], unreadableNames: [] };
  return judgeLinux({ ...whole, ...facts }, system);
}

function kernel({
  modules = { virtio_blk: 'in the initramfs', virtio_pci: 'built in' },
  initramfs = '/boot/initrd.img-6.1',
}: {
  modules?: Readonly<Record<string, ModulePlace>>;
  initramfs?: string;
} = {}): KernelFacts {
  return { version: '6.1', initramfs, modules: new Map(Object.entries(modules)) };
}

function named(changes: Partial<NamedDisk>): NamedDisk {
  return { file: '/etc/fstab', device: '/dev/sdb1', purpose: 'the file system at /srv', stopsBoot: true, ...changes };
}
