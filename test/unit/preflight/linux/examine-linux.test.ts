import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { UnreadableError } from '../../../../src/preflight/guest-files.ts';
import { examineLinux } from '../../../../src/preflight/linux/examine-linux.ts';
import { memoryFiles } from '../memory-files.ts';
import { CONTROLLER, efivars, file, loadOption, numbers, partition } from '../uefi/make-variables.ts';
import { centos6, debian, rhel7, type System } from './whole-systems.ts';

const SHIM = file('\\EFI\\debian\\shimx64.efi');
const BY_PARTITION = efivars({ BootOrder: numbers(1), Boot0001: loadOption([partition(), SHIM]) });
const FULL_PATH = efivars({ BootOrder: numbers(1), Boot0001: loadOption([CONTROLLER, partition(), SHIM]) });
const WITH_SHIM = { ...debian(), '/boot/efi/EFI/debian/shimx64.efi': 'MZ' };

describe('a Linux guest with UEFI', () => {
  it('is proven, and says what its firmware starts', async () => {
    expect(await examine({ ...WITH_SHIM, '/boot/efi/EFI/BOOT/BOOTX64.EFI': 'MZ', ...FULL_PATH })).toMatchObject({
      verdict: 'proven',
      facts: { UEFI: 'starts \\EFI\\BOOT\\BOOTX64.EFI' },
      refusals: [],
    });
    expect(await examine({ ...WITH_SHIM, ...BY_PARTITION })).toMatchObject({
      verdict: 'proven',
      facts: { UEFI: "starts its entry Boot0001 ('debian'), which names the partition" },
      refusals: [],
    });
  });

  it('is refused where its entry names the old controller, however sure the driver is', async () => {
    expect(await examine({ ...WITH_SHIM, ...FULL_PATH })).toMatchObject({
      verdict: 'proven',
      refusals: [
        { code: 'uefi-boot-entry', hint: expect.stringContaining('grub-install --target=x86_64-efi --removable') },
      ],
    });
  });

  it('is refused where the firmware does not let itself be looked into', async () => {
    const secret = Object.fromEntries(Object.keys(BY_PARTITION).map((path) => [path, new UnreadableError('denied')]));
    expect((await examine({ ...WITH_SHIM, ...secret })).refusals).toMatchObject([{ code: 'uefi-boot-entry' }]);
  });

  it('is not refused for what could not be read where nothing else could be read either', async () => {
    expect(await examine({})).toMatchObject({ verdict: 'unknown', refusals: [] });
  });

  it('that does not run is judged by the variables in its flash', async () => {
    const store = async (name: string) =>
      gunzipSync(await readFile(new URL(`../../../fixtures/uefi/${name}.fd.gz`, import.meta.url)));
    const refusalsWith = async (name: string) =>
      (await examine(WITH_SHIM, { uefi: { store: await store(name), partitions: [] } })).refusals.map(
        ({ code }) => code,
      );
    expect(await refusalsWith('by-partition')).toEqual([]);
    expect(await refusalsWith('full-path')).toEqual(['uefi-boot-entry']);
  });

  it('may have its EFI system partition elsewhere', async () => {
    const elsewhere = { files: memoryFiles({ '/EFI/BOOT/BOOTX64.EFI': 'MZ' }), root: '', id: undefined };
    const uefi = { store: undefined, partitions: [elsewhere] };
    expect((await examine(debian(), { uefi })).refusals).toEqual([]);
  });
});

describe('a Linux guest that is started otherwise', () => {
  it('is not asked about UEFI', async () => {
    expect((await examine(debian(), { definition: definition('') })).facts).not.toHaveProperty('UEFI');
    const judgement = await examine(WITH_SHIM, { definition: definition('<kernel>/host/vmlinuz</kernel>') });
    expect([judgement.refusals, judgement.facts]).toEqual([[], { system: 'Debian' }]);
  });
});

describe('a kernel that is older than virtio 1.0', () => {
  it.each([
    ['q35', 'refuted'],
    ['pc-q35-7.2', 'refuted'],
    ['pc', 'proven'],
    ['pc-i440fx-7.2', 'proven'],
  ])('does not drive the disks of a machine of PCI Express: %s is %s', async (machine, verdict) => {
    expect((await examine(centos6(), { definition: definition('', machine) })).verdict).toBe(verdict);
  });

  it('is told what to do about it', async () => {
    const judgement = await examine(centos6(), { definition: definition('', 'q35') });
    expect(judgement.summary).toBe(
      'Linux 2.6.32-754.el6.x86_64 drives virtio disks of the old kind alone, and this machine type has new ones.',
    );
    expect(judgement.lack).toMatchObject({ code: 'driver-missing', hint: expect.stringContaining('machine type pc') });
  });

  it("is not Red Hat's of 7.2 and later", async () => {
    expect((await examine(rhel7(), { definition: definition('', 'q35') })).verdict).toBe('proven');
  });
});

describe('a system of another kind', () => {
  it('is asked for its name where it was not told', async () => {
    const unnamed = { id: '', prettyName: 'unknown system' };
    const named = { ...debian(), '/etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n' };
    expect((await examine(named, { system: unnamed })).facts).toMatchObject({ system: 'Debian GNU/Linux 12' });
    expect((await examine(debian(), { system: unnamed })).facts).toMatchObject({ system: 'unknown system' });
  });

  it.each([
    ['freebsd', 'FreeBSD 14.0-RELEASE'],
    ['nixos', 'NixOS 23.11 (Tapir)'],
  ])('is never guessed at: %s', async (id, prettyName) => {
    const system = { ...debian(), '/etc/fstab': '/dev/ada0p2 / ufs rw 1 1\n' };
    expect(await examine(system, { system: { id, prettyName } })).toMatchObject({
      verdict: 'unknown',
      summary: expect.stringContaining(prettyName),
      refusals: [{ code: 'device-names', message: expect.stringContaining('/dev/ada0p2') }],
    });
  });
});

describe('what to write instead of a name', () => {
  const live = {
    '/sys/class/block/sdb1/dev': '8:17\n',
    '/run/udev/data/b8:17': `S:disk/by-id/ata-QEMU_1-part1\nE:ID_FS_UUID=5f2c1f7e-7a0a\nE:ID_PART_ENTRY_UUID=0aef-01\n`,
  };

  it.each([
    ['/dev/sdb1 /data ext4 defaults 0 2', "'UUID=5f2c1f7e-7a0a /data ext4 defaults 0 2'"],
    ['/dev/disk/by-id/ata-QEMU_1-part1 /data xfs', "'UUID=5f2c1f7e-7a0a /data xfs'"],
  ])('is told by a running system: %s', async (line, better) => {
    const system = { ...debian(), ...live, '/etc/fstab': line };
    expect((await examine(system, { definition: definition('') })).refusals).toMatchObject([
      { hint: expect.stringContaining(better) },
    ]);
  });

  it('is told by whoever reads one that is off', async () => {
    const files = {
      ...memoryFiles({ ...debian(), '/etc/fstab': '/dev/sdb1 /data ext4\n/dev/sda5 none swap sw 0 0\n' }),
      identify: async (device: string) => ({ uuid: `of-${device.slice(5)}`, partitionUuid: undefined }),
    };
    const { refusals, warnings } = await examineLinux(files, { system: DEBIAN, definition: definition('') });
    expect(refusals[0]?.hint).toContain("'UUID=of-sdb1 /data ext4'");
    expect(warnings[0]?.message).toContain("Better: 'UUID=of-sda5 none swap sw 0 0'.");
  });

  it.each([
    ['nothing is known', {}],
    ['that can not be read', { '/sys/class/block/sdb1/dev': new UnreadableError('no') }],
    ['what is known makes no UUID', { ...live, '/run/udev/data/b8:17': 'E:ID_FS_UUID=$(reboot)\n' }],
  ])('is told by a person where %s', async (_, more) => {
    const { refusals } = await examine(
      { ...debian(), '/etc/fstab': '/dev/sdb1 /data ext4', ...more },
      { definition: definition('') },
    );
    expect(refusals[0]?.hint).toContain("name it by UUID instead ('blkid /dev/sdb1' shows it)");
  });
});

describe('a system with damaged files', () => {
  it('is judged without an error, whatever is in them', async () => {
    const whole: System = { ...WITH_SHIM, ...FULL_PATH, '/etc/crypttab': 'data /dev/sdb1 none luks\n' };
    const paths = Object.keys(whole);
    const damage = fc.record({
      path: fc.constantFrom(...paths),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      bytes: fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.string({ maxLength: 40 })),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 5 }), async (damages) => {
        const system = { ...whole };
        for (const { path, at, bytes } of damages) {
          const content = Buffer.from(Buffer.from(system[path] as string));
          const offset = Math.floor(at * content.length);
          const added = Buffer.from(bytes as string);
          system[path] = Buffer.concat([content.subarray(0, offset), added, content.subarray(offset + added.length)]);
        }
        expect((await examine(system)).verdict).toMatch(/^(?:proven|unknown|refuted)$/);
      }),
      { numRuns: 200 },
    );
  });
});

const DEBIAN = { id: 'debian', prettyName: 'Debian' };

function examine(system: System, more: Partial<Parameters<typeof examineLinux>[1]> = {}) {
  return examineLinux(memoryFiles(system), {
    system: DEBIAN,
    definition: definition("<loader type='pflash'>/fw/CODE.fd</loader>"),
    ...more,
  });
}

function definition(os: string, machine = 'pc'): string {
  return `<domain type='kvm'><os><type arch='x86_64' machine='${machine}'>hvm</type>${os}</os><devices/></domain>`;
}
