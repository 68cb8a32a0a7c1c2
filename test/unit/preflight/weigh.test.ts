import { describe, expect, it } from '@jest/globals';
import type { EvidenceSource, Testimony, Verdict } from '../../../src/preflight/evidence.ts';
import { weighEvidence } from '../../../src/preflight/weigh.ts';

describe('the weight of evidence', () => {
  it.each<[string, [EvidenceSource, Verdict][], Verdict]>([
    ['the agent proves', [['agent', 'proven']], 'proven'],
    ['the agent refutes', [['agent', 'refuted']], 'refuted'],
    [
      'the agent refutes, whatever is attached',
      [
        ['agent', 'refuted'],
        ['attached', 'likely'],
      ],
      'refuted',
    ],
    [
      'the agent proves, whatever is attached',
      [
        ['agent', 'proven'],
        ['attached', 'likely'],
      ],
      'proven',
    ],
    [
      'two sources that can decide do not agree',
      [
        ['agent', 'proven'],
        ['agent', 'refuted'],
      ],
      'refuted',
    ],
    [
      'another disk is attached',
      [
        ['agent', 'unknown'],
        ['attached', 'likely'],
      ],
      'likely',
    ],
    ['an attached disk claims to be a proof', [['attached', 'proven']], 'unknown'],
    ['an attached disk claims to refute', [['attached', 'refuted']], 'unknown'],
    [
      'the admin vouches',
      [
        ['agent', 'unknown'],
        ['attested', 'likely'],
      ],
      'unknown',
    ],
    ["the admin's word claims to be a proof", [['attested', 'proven']], 'unknown'],
    [
      'the admin vouches against a refutation',
      [
        ['agent', 'refuted'],
        ['attested', 'likely'],
      ],
      'refuted',
    ],
    ['nobody knows', [['agent', 'unknown']], 'unknown'],
    ['nobody was asked', [], 'unknown'],
  ])('where %s', (_, sources, verdict) => {
    expect(weighEvidence(sources.map(testify), 'proven').verdict).toBe(verdict);
  });

  it.each<[Verdict, 'proven' | 'likely', string[]]>([
    ['proven', 'proven', []],
    ['proven', 'likely', []],
    ['likely', 'likely', []],
    ['likely', 'proven', ['no-driver-evidence']],
    ['unknown', 'proven', ['no-driver-evidence']],
    ['unknown', 'likely', ['no-driver-evidence']],
    ['refuted', 'proven', ['driver-missing']],
    ['refuted', 'likely', ['driver-missing']],
  ])('of %s refuses, where %s is asked for: %j', (verdict, required, codes) => {
    const source = verdict === 'likely' ? 'attached' : 'agent';
    const { refusals } = weighEvidence([testify([source, verdict])], required);
    expect(refusals.map(({ code }) => code)).toEqual(codes);
  });

  it('is told with what every source said', () => {
    const told: [EvidenceSource, Verdict][] = [
      ['agent', 'unknown'],
      ['attached', 'likely'],
    ];
    const { refusals } = weighEvidence(told.map(testify), 'proven');
    expect(refusals).toEqual([
      {
        code: 'no-driver-evidence',
        message:
          'That the guest has the virtio driver is likely, not proven: agent says unknown. attached says likely.',
        hint: expect.stringContaining('--require-evidence likely --reason'),
      },
    ]);
  });

  it('of what was read of a running guest may be old: it proves nothing, and refutes all the same', () => {
    const stale = (verdict: Verdict): Testimony => {
      const { evidence, ...rest } = testify(['offline', verdict]);
      return { ...rest, evidence: { ...evidence, stale: true } };
    };
    const verdicts = (['proven', 'likely', 'unknown', 'refuted'] as const).map(
      (verdict) => weighEvidence([stale(verdict)], 'proven').verdict,
    );
    expect(verdicts).toEqual(['likely', 'likely', 'unknown', 'refuted']);
    expect(weighEvidence([testify(['agent', 'proven']), stale('refuted')], 'proven').verdict).toBe('refuted');
  });

  it('is told with the way out of the source that decided', () => {
    const lack = { code: 'driver-missing', message: 'No driver.', hint: 'mkinitcpio -P' } as const;
    const other = { code: 'no-driver-evidence', message: 'Who knows.', hint: 'Ask somebody.' } as const;
    const told = [
      { ...testify(['agent', 'unknown']), lack: other },
      { ...testify(['offline', 'refuted']), lack },
    ];
    expect(weighEvidence(told, 'proven').refusals).toEqual([lack]);
    expect(weighEvidence(told.slice(0, 1), 'proven').refusals).toEqual([other]);
  });
});

function testify([source, verdict]: [EvidenceSource, Verdict]): Testimony {
  const lack = { code: 'driver-missing', message: 'The guest would not find its disk.', hint: '' } as const;
  const evidence = { source, verdict, summary: `${source} says ${verdict}.`, facts: {} };
  return { evidence, refusals: [], warnings: [], ...(verdict === 'refuted' ? { lack } : {}) };
}
