import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { UnreadableError } from '../../../../src/preflight/guest-files.ts';
import { readEfivars } from '../../../../src/preflight/uefi/efivars.ts';
import { type Content, memoryFiles } from '../memory-files.ts';
import { efivars, file, loadOption, numbers, PARTITION_ID, partition } from './make-variables.ts';

const DEBIAN = loadOption([partition(), file('\\EFI\\debian\\shimx64.efi')]);
const OTHER = loadOption([partition()], { description: 'other' });

describe('the boot entries that a running Linux shows', () => {
  it('are those of BootOrder, in its order, with the one that started it', async () => {
    const variables = { BootOrder: numbers(0x1a, 0), BootCurrent: numbers(0x1a), Boot001A: DEBIAN, Boot0000: OTHER };
    expect(await read(efivars({ ...variables, Boot0007: OTHER }))).toEqual([
      {
        name: 'Boot001A',
        description: 'debian',
        isActive: true,
        isCurrent: true,
        path: [
          { kind: 'partition', id: PARTITION_ID },
          { kind: 'file', path: '\\EFI\\debian\\shimx64.efi' },
        ],
      },
      expect.objectContaining({ name: 'Boot0000', description: 'other', isCurrent: false }),
    ]);
  });

  it('leave out what is gone or makes no sense', async () => {
    const variables = { BootOrder: numbers(1, 2, 3), Boot0001: Buffer.from('x'), Boot0003: DEBIAN };
    expect((await read(efivars(variables))).map(({ name }) => name)).toEqual(['Boot0003']);
  });

  it.each<[string, Record<string, Content>]>([
    ['the firmware shows none', {}],
    ['they can not be read', { [Object.keys(efivars({ BootOrder: numbers(1) }))[0] ?? '']: new UnreadableError('no') }],
  ])('can not be told where %s', async (_, contents) => {
    await expect(read(contents)).rejects.toThrow(UnreadableError);
  });

  it('are not asked for without end', async () => {
    const order = numbers(...Array.from({ length: 30_000 }, (_, n) => n));
    const files = memoryFiles(
      efivars({
        BootOrder: order,
        ...Object.fromEntries(Array.from({ length: 500 }, (_, n) => [nameOf(n), DEBIAN])),
      }),
    );
    expect((await readEfivars(files)).length).toBeLessThan(100);
    expect(files.opened.length).toBeLessThan(100);
  });

  it('are read from any bytes without an error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), fc.uint8Array({ maxLength: 200 }), async (order, entry) => {
        await read(efivars({ BootOrder: Buffer.from(order), Boot0000: Buffer.from(entry) }));
      }),
    );
  });
});

function read(contents: Record<string, Content>) {
  return readEfivars(memoryFiles(contents));
}

function nameOf(number: number): string {
  return `Boot${number.toString(16).toUpperCase().padStart(4, '0')}`;
}
