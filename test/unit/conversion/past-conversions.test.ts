import { describe, expect, it } from '@jest/globals';
import { keptNames, lastChain, standingConversion, takenBack } from '../../../src/conversion/past-conversions.ts';
import type { ChangeRecord } from '../../../src/store/record.ts';
import { move, record } from './change-record.ts';

/** The restart of a pending guest: a record without changes of its own. */
function restart(state: ChangeRecord['state']): ChangeRecord {
  return record('restart', { state, changes: [], undoes: ['first'] });
}

describe('a conversion stands', () => {
  it('where it was done and not taken back, the last of them', () => {
    expect(standingConversion([record('first'), record('second')])?.id).toBe('second');
    expect(standingConversion([])).toBeUndefined();
  });

  it.each(['started', 'undone', 'rolled-back'] as const)('not where it is %s', (state) => {
    expect(standingConversion([record('first', { state })])).toBeUndefined();
  });

  it('not once it was rolled back, but still where the rollback itself did not go through', () => {
    const rollback = (state: ChangeRecord['state']) => record('back', { action: 'rollback', state, undoes: ['first'] });
    expect(standingConversion([record('first'), rollback('done')])).toBeUndefined();
    for (const state of ['started', 'undone', 'rolled-back'] as const)
      expect(standingConversion([record('first'), rollback(state)])?.id).toBe('first');
  });

  it('until its guest did not come up with it when it was restarted', () => {
    for (const state of ['started', 'undone', 'done'] as const)
      expect(standingConversion([record('first'), restart(state)])?.id).toBe('first');
    expect(standingConversion([record('first'), restart('rolled-back')])).toBeUndefined();
  });

  it('which a restart without changes of its own, or the adoption of a source, never does', () => {
    expect(standingConversion([restart('done')])).toBeUndefined();
    expect(standingConversion([record('adopted', { action: 'adopt-live-source', changes: [] })])).toBeUndefined();
  });
});

describe('with the restart that its guest did not come up from', () => {
  const moved = record('first');
  const renamed = record('second', { continues: 'first', changes: [move('hda virtio', 'vda virtio')] });
  const failed = record('restart', { state: 'rolled-back', changes: [], undoes: ['first', 'second'] });

  it('its whole chain is taken back', () => {
    expect([...takenBack([moved, renamed, failed])]).toEqual(['first', 'second']);
    expect(lastChain([moved, renamed, failed])).toBeUndefined();
    expect([...keptNames([moved, failed])]).toEqual([]);
  });

  it('a conversion after it is a chain of its own', () => {
    const anew = record('third');
    expect(lastChain([moved, renamed, failed, anew])?.records).toEqual([anew]);
    expect([...keptNames([moved, renamed, failed, anew])]).toEqual(['hda']);
  });
});

describe('the chain of a conversion', () => {
  it('goes from where the disks were to where they are', () => {
    const renamed = record('second', { continues: 'first', changes: [move('hda virtio', 'vda virtio')] });
    expect(lastChain([record('first'), renamed])?.changes).toEqual([move('hda ide', 'vda virtio')]);
  });

  it('has only the conversions that continue one another', () => {
    const other = record('second', { changes: [move('sdb sata', 'vdb virtio')] });
    expect(lastChain([record('first'), other])?.records).toEqual([other]);
  });
});
