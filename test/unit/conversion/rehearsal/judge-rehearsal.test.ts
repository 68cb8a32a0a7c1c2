import { describe, expect, it } from '@jest/globals';
import { judgeRehearsal, notRehearsed, type Rehearsed } from '../../../../src/conversion/rehearsal/judge-rehearsal.ts';

const UP = { kind: 'up', signal: 'its agent answered', seconds: 14 } as const;
const DOWN = { kind: 'down', missing: "its system has not written to 'vda'", seconds: 300 } as const;
const UNCLEAR = { kind: 'unclear', why: 'the run was interrupted' } as const;

function judge(rehearsed: Partial<Rehearsed> & Pick<Rehearsed, 'boot'>) {
  return judgeRehearsal({ leftOut: [], capture: {}, namesAreKnown: true, ...rehearsed });
}

describe('a rehearsal', () => {
  it('that came up proves, and says by what, and what the clone went without', () => {
    expect(judge({ boot: UP, leftOut: ['1 network card'] })).toEqual({
      verdict: 'proven',
      summary: 'A clone of it came up from virtio: its agent answered after 14 s.',
      facts: { signal: 'its agent answered after 14 s', 'the clone went without': '1 network card' },
      refusals: [],
      warnings: [],
    });
  });

  it('warns where nobody has seen by which names the guest finds its disks', () => {
    expect(judge({ boot: UP, namesAreKnown: false }).warnings).toMatchObject([{ code: 'names-unseen' }]);
  });

  it('refutes where the clone on virtio did not come up and one on the old disks did, and names its screen', () => {
    const judged = judge({ boot: DOWN, control: UP, capture: { screenshot: '/state/screen.png' } });
    expect(judged).toMatchObject({
      verdict: 'refuted',
      facts: { screen: '/state/screen.png' },
      lack: { code: 'driver-missing', hint: expect.stringContaining('Look at its screen: /state/screen.png.') },
    });
  });

  it.each([
    ['did not come up either', DOWN],
    ['came to nothing', UNCLEAR],
  ])('says nothing, and warns, where the one on the old disks %s', (_, control) => {
    const judged = judge({ boot: DOWN, control, leftOut: ['1 network card'] });
    expect(judged).toMatchObject({
      verdict: 'unknown',
      summary: expect.stringContaining('both went without 1 network card'),
      warnings: [{ code: 'rehearsal-failed' }],
    });
    expect(judged.lack).toBeUndefined();
  });

  it('that was ended says nothing', () => {
    expect(judge({ boot: UNCLEAR })).toMatchObject({ verdict: 'unknown', warnings: [] });
    expect(notRehearsed('there is no room', 'Make some.')).toMatchObject({ verdict: 'unknown', hint: 'Make some.' });
  });
});
