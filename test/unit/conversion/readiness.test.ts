import { describe, expect, it } from '@jest/globals';
import type { GuestFacts } from '../../../src/conversion/guest-facts.ts';
import type { GuestPlan } from '../../../src/conversion/guest-plan.ts';
import { readinessOf } from '../../../src/conversion/readiness.ts';
import type { RefusalCode } from '../../../src/domain/finding.ts';
import type { Evidence } from '../../../src/preflight/evidence.ts';

const SOON: Evidence = { source: 'offline', verdict: 'proven', summary: '', facts: {}, stale: true };

describe('a guest is ready', () => {
  it('now where nothing is refused', () => {
    expect(readinessOf(plan('planned', []))).toEqual({ ready: 'now' });
  });

  it('with a restart where its proof waits for it to be off, and nothing else is in the way', () => {
    expect(readinessOf(plan('refused', ['no-driver-evidence']))).toEqual({ ready: 'with-restart' });
  });

  it.each<[string, GuestPlan]>([
    ['something else is refused', plan('refused', ['no-driver-evidence', 'device-names'])],
    ['its disks refute it', plan('refused', ['no-driver-evidence'], { verdict: 'refuted' })],
    ['its disks would say the same once it is off', plan('refused', ['no-driver-evidence'], { stale: false })],
    ['it is off already', plan('refused', ['no-driver-evidence'], {}, false)],
  ])('not yet where %s', (_, one) => {
    expect(readinessOf(one)).toEqual({ ready: 'not-yet' });
  });

  it('at no time where there is nothing to do', () => {
    expect(readinessOf(plan('nothing-to-do', []))).toEqual({});
  });
});

function plan(
  verdict: GuestPlan['verdict'],
  codes: readonly RefusalCode[],
  evidence: Partial<Evidence> = {},
  active = true,
): GuestPlan {
  return {
    at: 0,
    facts: { active } as GuestFacts,
    standing: 'emulated',
    verdict,
    assessment: undefined,
    refusals: codes.map((code) => ({ code, message: '', hint: '' })),
    warnings: [],
    evidence: [{ ...SOON, ...evidence }],
    accepted: [],
    earlier: undefined,
  };
}
