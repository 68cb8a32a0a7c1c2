import { describe, expect, it } from '@jest/globals';
import type { Evidence, EvidenceSource, Verdict } from '../../../src/preflight/evidence.ts';
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
    expect(weighEvidence(sources.map(evidence), 'proven').verdict).toBe(verdict);
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
    const { refusals } = weighEvidence([evidence([source, verdict])], required);
    expect(refusals.map(({ code }) => code)).toEqual(codes);
  });

  it('is told with what every source said', () => {
    const told: [EvidenceSource, Verdict][] = [
      ['agent', 'unknown'],
      ['attached', 'likely'],
    ];
    const { refusals } = weighEvidence(told.map(evidence), 'proven');
    expect(refusals).toEqual([
      {
        code: 'no-driver-evidence',
        message:
          'That the guest has the virtio driver is likely, not proven: agent says unknown. attached says likely.',
        hint: expect.stringContaining('--require-evidence likely --reason'),
      },
    ]);
  });

  it("is told with the way out that the system's own tools offer", () => {
    const remedy = 'Inside the guest: mkinitcpio -P';
    const { refusals } = weighEvidence([{ ...evidence(['agent', 'refuted']), facts: { remedy } }], 'proven');
    expect(refusals).toMatchObject([
      { message: 'The guest would not find its disk: agent says refuted.', hint: remedy },
    ]);
    expect(weighEvidence([evidence(['agent', 'refuted'])], 'proven').refusals[0]?.hint).toContain('initramfs');
  });
});

function evidence([source, verdict]: [EvidenceSource, Verdict]): Evidence {
  return { source, verdict, summary: `${source} says ${verdict}.`, facts: {} };
}
