import { describe, expect, it } from '@jest/globals';
import { pastChanges } from '../../../src/conversion/past-changes.ts';
import type { EndedChange, Step } from '../../../src/store/journal.ts';

const GUEST = { name: 'web1', uuid: '6f1ed5c8-3d02-4a6b-8f5c-000000000001' };

function effect(
  action: EndedChange['action'],
  side: EndedChange['side'],
  steps: readonly Step[] = ['begin', 'define', 'end'],
): string | undefined {
  const change = { guest: GUEST, action, side, steps: new Set(steps), begunAt: 'then', endedAt: 'later' };
  return pastChanges([change])[0]?.effect;
}

describe('what a past change did to the emulated disks of its guest', () => {
  it.each([
    ['a conversion took them away', 'convert', 'done', 'converted'],
    ['a rollback brought them back', 'rollback', 'done', 'put-back'],
    ['what was not carried out did nothing', 'convert', 'undone', undefined],
    ['a conversion whose guest did not come up left them', 'convert', 'rolled-back', undefined],
    ['a rollback whose guest did not come up did nothing', 'rollback', 'rolled-back', undefined],
    ['the final names did nothing', 'rename', 'done', undefined],
    ['adopting an image did nothing', 'adopt-live-source', 'done', undefined],
    ['of an old journal it was one of the two', undefined, 'done', 'either'],
  ] as const)('%s', (_, action, side, expected) => {
    expect(effect(action, side)).toBe(expected);
  });

  it('a pending guest that came up when it was restarted had none before', () => {
    expect(effect('convert', 'done', ['begin', 'shut-down', 'start', 'watch', 'end'])).toBeUndefined();
  });

  it('a pending guest that did not come up when it was restarted got them back', () => {
    expect(effect('convert', 'rolled-back', ['begin', 'shut-down', 'start', 'watch', 'undo', 'end'])).toBe('put-back');
  });
});
