import { describe, expect, it } from '@jest/globals';
import { applyWaivers, listWaivers, type Waiver } from '../../../src/compliance/apply-waivers.ts';
import type { RuleResult } from '../../../src/compliance/rule-result.ts';

const WAIVER: Waiver = { guests: ['old-*'], rules: ['VIO-001'], reason: 'no driver', expires: '2026-06-30' };
const FAILED: RuleResult = { rule: 'VIO-001', result: 'fail', message: 'x', disks: ['hda'] };

function waived(results: readonly RuleResult[], waivers: readonly Waiver[], today = '2026-06-01') {
  return applyWaivers(results, waivers, today).map(({ waiver }) => waiver);
}

describe('a waiver', () => {
  it('covers the failure of its rule, which says why and until when', () => {
    expect(applyWaivers([FAILED], [WAIVER], '2026-06-01')).toEqual([
      { ...FAILED, waiver: { reason: 'no driver', expires: '2026-06-30' } },
    ]);
  });

  it.each([
    ['2026-06-30', { reason: 'no driver', expires: '2026-06-30' }],
    ['2026-07-01', undefined],
  ])('on %s, which its last day is or is not', (today, expected) => {
    expect(waived([FAILED], [WAIVER], today)).toEqual([expected]);
  });

  it('does not cover another rule', () => {
    expect(waived([{ ...FAILED, rule: 'VIO-003' }], [WAIVER])).toEqual([undefined]);
  });

  it.each(['pass', 'error', 'unknown', 'notapplicable'] as const)('has nothing to say of the result %s', (result) => {
    expect(waived([{ ...FAILED, result }], [WAIVER])).toEqual([undefined]);
  });

  it('that lasts longest is told where several cover a failure', () => {
    const longer = { ...WAIVER, reason: 'replaced next year', expires: '2027-01-31' };
    const expired = { ...WAIVER, reason: 'long ago', expires: '2020-01-31' };
    for (const waivers of [
      [expired, WAIVER, longer],
      [longer, WAIVER, expired],
    ])
      expect(waived([FAILED], waivers)).toEqual([{ reason: 'replaced next year', expires: '2027-01-31' }]);
  });
});

describe('the list of waivers', () => {
  it('holds all of them, those that have expired and those that name nobody included', () => {
    const expired = { ...WAIVER, guests: ['gone'], expires: '2026-05-31' };
    const counts = new Map([[WAIVER, 3]]);
    expect(listWaivers([WAIVER, expired], '2026-06-01', (waiver) => counts.get(waiver) ?? 0)).toEqual([
      { ...WAIVER, isExpired: false, matched: 3 },
      { ...expired, isExpired: true, matched: 0 },
    ]);
  });
});
