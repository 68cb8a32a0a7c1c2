import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { diskIndex, virtioName } from '../../../src/domain/disk-name.ts';

describe('disk names', () => {
  it.each([
    [0, 'vda'],
    [25, 'vdz'],
    [26, 'vdaa'],
    [51, 'vdaz'],
    [52, 'vdba'],
    [701, 'vdzz'],
    [702, 'vdaaa'],
  ])('number %i is %s', (index, name) => {
    expect(virtioName(index)).toBe(name);
    expect(diskIndex(name)).toBe(index);
  });

  it('count by their letters whatever the prefix', () => {
    expect(['hdb', 'sdb', 'vdb', 'xvdb', 'fdb', 'ubdb'].map(diskIndex)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('that libvirt could not count have no number', () => {
    expect(['', 'vd', 'vda1', 'nvme0n1', 'VDA', 'vd-a', `vd${'z'.repeat(40)}`].map(diskIndex)).toEqual(
      Array(7).fill(undefined),
    );
  });

  it('are the inverse of their numbers', () => {
    fc.assert(fc.property(fc.nat(18_277), (index) => diskIndex(virtioName(index)) === index));
  });
});
