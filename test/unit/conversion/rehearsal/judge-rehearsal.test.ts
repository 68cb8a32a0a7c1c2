import { describe, expect, it } from '@jest/globals';
import { judgeRehearsal, notRehearsed } from '../../../../src/conversion/rehearsal/judge-rehearsal.ts';

const whole = { leftOut: [], maybeNeeded: [] };
const DOWN = { kind: 'down', missing: "its system has not written to 'vda'", seconds: 300 } as const;

describe('a rehearsal', () => {
  it('that came up proves, and says by what, and what the clone went without', () => {
    const boot = { kind: 'up', signal: 'its agent answered', seconds: 14 } as const;
    const clone = { leftOut: ['1 network card'], maybeNeeded: ['a shared folder'] };
    expect(judgeRehearsal({ boot, clone, capture: {} })).toEqual({
      verdict: 'proven',
      summary: 'A clone of it came up from virtio: its agent answered after 14 s.',
      facts: { signal: 'its agent answered after 14 s', 'the clone went without': '1 network card' },
      refusals: [],
      warnings: [],
    });
  });

  it('that did not come up refutes, and names its screen', () => {
    const judged = judgeRehearsal({ boot: DOWN, clone: whole, capture: { screenshot: '/state/screen.png' } });
    expect(judged).toMatchObject({
      verdict: 'refuted',
      facts: { screen: '/state/screen.png' },
      lack: { code: 'driver-missing', hint: expect.stringContaining('Look at its screen: /state/screen.png.') },
    });
  });

  it('that did not come up says nothing where the clone lacked what its system may need', () => {
    const clone = { ...whole, maybeNeeded: ['the keys in its TPM'] };
    const judged = judgeRehearsal({ boot: DOWN, clone, capture: {} });
    expect(judged).toMatchObject({ verdict: 'unknown', summary: expect.stringContaining('the keys in its TPM') });
    expect(judged.lack).toBeUndefined();
  });

  it('that was ended says nothing', () => {
    const boot = { kind: 'unclear', why: 'the run was interrupted' } as const;
    expect(judgeRehearsal({ boot, clone: whole, capture: {} })).toMatchObject({ verdict: 'unknown' });
    expect(notRehearsed('there is no room', 'Make some.')).toMatchObject({ verdict: 'unknown', hint: 'Make some.' });
  });
});
