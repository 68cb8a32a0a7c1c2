import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { UnreadableError } from '../../../../src/preflight/guest-files.ts';
import { examineLinux } from '../../../../src/preflight/linux/examine-linux.ts';
import { memoryFiles } from '../memory-files.ts';
import { CONTROLLER, efivars, file, loadOption, numbers, partition } from '../uefi/make-variables.ts';
import { debian, type System } from './whole-systems.ts';

const UEFI = { kind: 'uefi', architecture: 'x86_64' } as const;
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
    expect((await examine(debian(), { firmware: { kind: 'bios' } })).facts).not.toHaveProperty('UEFI');
    const firmware = { kind: 'host kernel', path: '/host/vmlinuz', cmdline: '' } as const;
    const judgement = await examine(WITH_SHIM, { firmware });
    expect([judgement.refusals, judgement.facts]).toEqual([[], { system: 'Debian' }]);
  });
});

function examine(system: System, more: Partial<Parameters<typeof examineLinux>[1]> = {}) {
  return examineLinux(memoryFiles(system), {
    system: { id: 'debian', prettyName: 'Debian' },
    firmware: UEFI,
    ...more,
  });
}
