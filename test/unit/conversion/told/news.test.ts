import { describe, expect, it } from '@jest/globals';
import { emptyResult, type GuestResult } from '../../../../src/conversion/result.ts';
import { describeStanding, isNews } from '../../../../src/conversion/told/news.ts';
import type { RefusalCode } from '../../../../src/domain/finding.ts';
import { move } from '../change-record.ts';

function guest(more: Partial<GuestResult>): GuestResult {
  return { ...emptyResult({ name: 'web1', uuid: 'u' }), outcome: 'compliant', ...more };
}

function refused(...codes: RefusalCode[]): GuestResult {
  const refusals = codes.map((code) => ({ code, message: `${code}, in other words each time`, hint: '' }));
  return guest({ outcome: 'refused', refusals });
}

const disks = [{ ...move('hda ide', 'hda virtio'), outcome: 'converted' as const }];
const pending = guest({ outcome: 'converted', restart: 'pending', conversionId: 'earlier' });
const converted = guest({ outcome: 'converted', restart: 'not-needed', disks });
const compliant = guest({});

/** What runs say of a guest, one after the other. */
function tell(...results: GuestResult[]): boolean[] {
  let before: string | undefined;
  return results.map((result) => {
    const news = isNews(result, before);
    before = describeStanding(result);
    return news;
  });
}

describe('of a guest, one quiet run after another says', () => {
  it.each([
    ['nothing where it is as it should be', [compliant, compliant], [false, false]],
    ['once that it is refused', [refused('guest-busy'), refused('guest-busy')], [true, false]],
    ['so again when the reason is another', [refused('guest-busy'), refused('block-job')], [true, true]],
    [
      'nothing when reasons only come in another order, or twice',
      [refused('guest-busy', 'block-job'), refused('block-job', 'guest-busy', 'guest-busy')],
      [true, false],
    ],
    ['once that it is well again', [refused('guest-busy'), compliant, compliant], [true, true, false]],
    ['once that it was converted', [converted, compliant], [true, false]],
    ['once that it is pending, by whichever run', [pending, pending, pending], [true, false, false]],
    ['once that it became pending', [{ ...pending, disks }, pending], [true, false]],
    ['once that it got its names', [pending, converted, compliant], [true, true, false]],
    ['once that it is pending no more', [pending, compliant, compliant], [true, true, false]],
    [
      'once that nobody saw it come up',
      [guest({ outcome: 'converted', restart: 'unverified', disks }), compliant],
      [true, false],
    ],
    ['once that it is left out', [guest({ outcome: 'skipped' }), guest({ outcome: 'skipped' })], [true, false]],
  ] as const)('%s', (_, results, expected) => {
    expect(tell(...results)).toEqual(expected);
  });

  it.each(['failed', 'rolled-back', 'needs-attention'] as const)(
    'each time that it %s: that needs a person',
    (outcome) => {
      const result = guest({ outcome, error: { code: 'command-failed', message: '' } });
      expect(tell(result, result, result)).toEqual([true, true, true]);
    },
  );

  it('each time that it was shut down for nothing', () => {
    const result = { ...refused('hibernated'), conversionId: 'this one' };
    expect(tell(result, result)).toEqual([true, true]);
  });
});
