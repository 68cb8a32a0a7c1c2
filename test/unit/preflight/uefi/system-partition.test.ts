import { describe, expect, it } from '@jest/globals';
import { UnreadableError } from '../../../../src/preflight/guest-files.ts';
import { hasProgram } from '../../../../src/preflight/uefi/system-partition.ts';
import { type Content, memoryFiles } from '../memory-files.ts';

const FALLBACK = '\\EFI\\BOOT\\BOOTX64.EFI';

describe('a program on an EFI system partition', () => {
  it.each([
    ['in the case that the firmware writes', '/EFI/BOOT/BOOTX64.EFI', ''],
    ['in any other case', '/efi/boot/bootx64.efi', ''],
    ['below the place where it is mounted', '/boot/efi/EFI/Boot/bootx64.efi', '/boot/efi'],
  ])('is found %s', async (_, path, root) => {
    expect(await has({ [path]: 'MZ...' }, root)).toBe(true);
  });

  it.each<[string, Record<string, Content>]>([
    ['there is none', { '/EFI/debian/shimx64.efi': 'MZ' }],
    ['it is a folder', { '/EFI/BOOT/BOOTX64.EFI/a': 'MZ' }],
    ['it is empty', { '/EFI/BOOT/BOOTX64.EFI': '' }],
    ['it is no program', { '/EFI/BOOT/BOOTX64.EFI': '#!/bin/sh' }],
  ])('is not there where %s', async (_, contents) => {
    expect(await has(contents)).toBe(false);
  });

  it('is found without a list of files, as long as it is there', async () => {
    const files = (path: string) => memoryFiles({ [path]: 'MZ' }, { canList: false });
    expect(await hasProgram({ files: files('/EFI/BOOT/BOOTX64.EFI'), root: '', id: undefined }, FALLBACK)).toBe(true);
    expect(await hasProgram({ files: files('/a'), root: '', id: undefined }, FALLBACK)).toBeUndefined();
  });

  it('can not be told where it can not be read', async () => {
    expect(await has({ '/EFI/BOOT/BOOTX64.EFI': new UnreadableError('I/O error') })).toBeUndefined();
  });

  it.each(['', '\\', '\\..\\..\\etc\\passwd', '\\EFI/BOOT'])('is never %j', async (path) => {
    expect(await has({ '/etc/passwd': 'MZ', '/EFI/BOOT': 'MZ' }, '', path)).toBe(false);
  });
});

function has(contents: Record<string, Content>, root = '', path = FALLBACK) {
  return hasProgram({ files: memoryFiles(contents), root, id: undefined }, path);
}
