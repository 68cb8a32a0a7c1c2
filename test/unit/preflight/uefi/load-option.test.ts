import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readLoadOption } from '../../../../src/preflight/uefi/load-option.ts';
import { CONTROLLER, END, file, loadOption, node, PARTITION_ID, partition } from './make-variables.ts';

describe('a boot entry of the firmware', () => {
  it('names a partition and a program on it', () => {
    expect(readLoadOption(loadOption([partition(), file('\\EFI\\debian\\shimx64.efi')]))).toEqual({
      description: 'debian',
      isActive: true,
      path: [
        { kind: 'partition', id: PARTITION_ID },
        { kind: 'file', path: '\\EFI\\debian\\shimx64.efi' },
      ],
    });
  });

  it('names the whole path from the controller on', () => {
    const { path = [] } = readLoadOption(loadOption([CONTROLLER, partition(), file('\\a.efi')])) ?? {};
    expect(path.map(({ kind }) => kind)).toEqual(['other', 'other', 'partition', 'file']);
  });

  it('names a partition of an MBR by the signature of its disk and its number, as Linux does', () => {
    const mbr = partition({ signature: Buffer.from('78563412', 'hex'), type: 1, number: 2 });
    expect(readLoadOption(loadOption([mbr]))?.path).toEqual([{ kind: 'partition', id: '12345678-02' }]);
  });

  it.each([
    ['has no signature', partition({ type: 0 })],
    ['is cut short', node(4, 1, Buffer.alloc(10))],
  ])('may name a partition that %s', (_, bytes) => {
    expect(readLoadOption(loadOption([bytes]))?.path).toEqual([{ kind: 'partition', id: undefined }]);
  });

  it('may be switched off', () => {
    expect(readLoadOption(loadOption([partition()], { attributes: 0 }))?.isActive).toBe(false);
  });

  it('counts by the first of its paths', () => {
    expect(readLoadOption(loadOption([partition(), END, CONTROLLER]))?.path).toHaveLength(1);
  });

  it.each<[string, Buffer]>([
    ['empty', Buffer.alloc(0)],
    ['without an end of its description', Buffer.from('010000000000610062', 'hex')],
    ['with a path that is longer than it', loadOption([partition()]).subarray(0, 40)],
    ['with a node of no length', loadOption([Buffer.from([4, 1, 0, 0])])],
    ['with a node that is longer than the path', loadOption([Buffer.from([4, 1, 255, 255])])],
    ['with a path that never ends', loadOption(Array.from({ length: 100 }, () => CONTROLLER))],
  ])('is none where it is %s', (_, bytes) => {
    expect(readLoadOption(bytes)).toBeUndefined();
  });

  it('is read from any bytes without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        readLoadOption(Buffer.from(bytes));
      }),
    );
    const whole = loadOption([CONTROLLER, partition(), file('\\EFI\\a.efi')]);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (offset, value) => {
        const damaged = Buffer.from(whole);
        damaged[offset] = value;
        readLoadOption(damaged);
      }),
    );
  });
});
