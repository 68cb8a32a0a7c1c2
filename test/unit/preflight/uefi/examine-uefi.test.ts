import { describe, expect, it } from '@jest/globals';
import { UnreadableError } from '../../../../src/preflight/guest-files.ts';
import { examineUefi } from '../../../../src/preflight/uefi/examine-uefi.ts';
import type { FirmwareEntry } from '../../../../src/preflight/uefi/firmware-entries.ts';
import type { PathNode } from '../../../../src/preflight/uefi/load-option.ts';
import { type Content, memoryFiles } from '../memory-files.ts';

const SHIM = '\\EFI\\debian\\shimx64.efi';
const PARTITION: PathNode = { kind: 'partition', id: 'adf9' };
const BY_PARTITION: readonly PathNode[] = [PARTITION, { kind: 'file', path: SHIM }];
const FULL: readonly PathNode[] = [{ kind: 'other' }, { kind: 'other' }, ...BY_PARTITION];
const WITH_SHIM = { '/EFI/debian/shimx64.efi': 'MZ' };
const WITH_FALLBACK = { '/EFI/BOOT/BOOTX64.EFI': 'MZ' };

describe('the firmware finds the system', () => {
  it.each<[string, Case]>([
    ['by its fallback program, whatever the entries', { contents: WITH_FALLBACK, entries: [entry(FULL)] }],
    [
      'by its fallback program, where the entries can not be read',
      { contents: WITH_FALLBACK, entries: new UnreadableError('no') },
    ],
    ['by an entry that names the partition', { contents: WITH_SHIM, entries: [entry(BY_PARTITION)] }],
    ['by such an entry among others', { contents: WITH_SHIM, entries: [entry(FULL), entry(BY_PARTITION)] }],
    [
      'by such an entry of the very partition',
      { contents: WITH_SHIM, entries: [entry(BY_PARTITION)], partitionId: 'adf9' },
    ],
    [
      'by such an entry that has just started it, where the partition can not be looked into',
      { contents: undefined, entries: [entry(BY_PARTITION, { isCurrent: true })] },
    ],
    ['on another architecture', { contents: { '/EFI/BOOT/BOOTAA64.EFI': 'MZ' }, entries: [], architecture: 'aarch64' }],
  ])('%s', async (_, facts) => {
    expect(await examine(facts)).toMatchObject({ refusals: [], isSure: true });
  });
});

describe('the firmware does not find the system', () => {
  it.each<[string, Case, string]>([
    [
      'where its entry names the old controller',
      { contents: WITH_SHIM, entries: [entry(FULL)] },
      "its boot entry ('debian') names the disk by its old controller",
    ],
    ['where it has no entries', { contents: WITH_SHIM, entries: [] }, 'no boot entry names its partition'],
    [
      'where its entry is switched off',
      { contents: WITH_SHIM, entries: [entry(BY_PARTITION, { isActive: false })] },
      'no boot entry names its partition',
    ],
    [
      'where the program of its entry is gone',
      { contents: { '/EFI/BOOT/x': '' }, entries: [entry(BY_PARTITION)] },
      'no boot entry leads to a program that is there',
    ],
    [
      'where the program of its entry is gone since it started the system',
      { contents: { '/EFI/BOOT/x': '' }, entries: [entry(BY_PARTITION, { isCurrent: true })] },
      'no boot entry leads to a program that is there',
    ],
    [
      'where its entry leads to the fallback program, which is gone',
      { contents: WITH_SHIM, entries: [entry([PARTITION])] },
      'no boot entry leads to a program that is there',
    ],
    [
      'where it would start the one of another architecture',
      { contents: WITH_FALLBACK, entries: [entry(FULL)], architecture: 'i686' },
      'there is no \\EFI\\BOOT\\BOOTIA32.EFI',
    ],
  ])('%s', async (_, facts, message) => {
    expect(await examine(facts)).toMatchObject({
      isSure: true,
      refusals: [{ code: 'uefi-boot-entry', message: expect.stringContaining(message) }],
    });
  });
});

describe('whether the firmware finds the system can not be told', () => {
  it.each<[string, Case, string]>([
    ['where its partition can not be looked into', { contents: undefined, entries: [entry(BY_PARTITION)] }, 'BOOTX64'],
    [
      'where its entry leads to another partition',
      { contents: WITH_SHIM, entries: [entry(BY_PARTITION)], partitionId: 'ffff' },
      "whether Boot0001's program is there",
    ],
    [
      'where the entries can not be read',
      { contents: WITH_SHIM, entries: new UnreadableError('Permission denied') },
      'its boot entries: Permission denied',
    ],
    [
      'on an architecture that is not known',
      { contents: WITH_FALLBACK, entries: [], architecture: 'vax' },
      'BOOT*.EFI',
    ],
  ])('%s', async (_, facts, message) => {
    expect(await examine(facts)).toMatchObject({
      isSure: false,
      refusals: [{ code: 'uefi-boot-entry', message: expect.stringContaining(message) }],
    });
  });
});

describe('the remedy', () => {
  it.each<[string, Case, string]>([
    ['debian', {}, 'grub-install --target=x86_64-efi --removable'],
    ['debian', { architecture: 'aarch64' }, 'grub-install --target=arm64-efi --removable'],
    ['arch', { root: '/efi' }, 'grub-install --target=x86_64-efi --efi-directory=/efi --removable'],
    ['arch', { root: '/efi;reboot' }, 'grub-install --target=x86_64-efi --removable'],
    ['rhel', {}, 'dnf reinstall shim-x64'],
    ['rocky', { architecture: 'aarch64' }, 'dnf reinstall shim-aa64'],
    ['opensuse-leap', {}, 'shim-install --removable'],
    ['arch', { program: '\\EFI\\systemd\\systemd-bootx64.efi' }, 'bootctl install'],
    ['mswindows', {}, 'bcdboot C:\\Windows /s S: /f UEFI'],
  ])('is the one of its system: %s with %j', async (systemId, more, command) => {
    const { program = SHIM, ...rest } = more;
    const { refusals } = await examine({
      contents: { [`${rest.root ?? ''}/a`]: '' },
      entries: [entry([{ kind: 'other' }, { kind: 'file', path: program }])],
      systemId,
      ...rest,
    });
    expect(refusals[0]?.hint).toContain(command);
  });
});

it('bounds what a firmware says', async () => {
  const long = entry(FULL, { description: 'x'.repeat(50_000) });
  const { refusals } = await examine({ contents: WITH_SHIM, entries: [long] });
  expect(JSON.stringify(refusals).length).toBeLessThan(1000);
});

interface Case {
  readonly contents?: Readonly<Record<string, Content>> | undefined;
  readonly entries?: readonly FirmwareEntry[] | UnreadableError;
  readonly architecture?: string;
  readonly partitionId?: string;
  readonly systemId?: string;
  readonly root?: string;
  readonly program?: string;
}

function examine({
  contents,
  entries = [],
  architecture = 'x86_64',
  partitionId,
  systemId = 'debian',
  root = '',
}: Case) {
  return examineUefi({
    systemId,
    architecture,
    readEntries: async () => {
      if (entries instanceof UnreadableError) throw entries;
      return entries;
    },
    partitions: contents === undefined ? [] : [{ files: memoryFiles(contents), root, id: partitionId }],
  });
}

function entry(path: readonly PathNode[], more: Partial<FirmwareEntry> = {}): FirmwareEntry {
  return { name: 'Boot0001', description: 'debian', isActive: true, isCurrent: false, path, ...more };
}
