import { describe, expect, it } from '@jest/globals';
import { exceptionsFor, findWaiver } from '../../../src/policy/exceptions.ts';
import { NO_POLICY, type Policy } from '../../../src/policy/policy.ts';

const web1 = { name: 'web1', uuid: '6f1ed5c8-3d02-4a6b-8f5c-000000000001' };
const db1 = { name: 'db1', uuid: '6f1ed5c8-3d02-4a6b-8f5c-000000000002' };
const common = { reason: 'because', expires: '2030-06-15' };
const on = (policy: Partial<Policy>, guest = web1, today = '2030-06-15') =>
  exceptionsFor({ ...NO_POLICY, ...policy }, guest, today);

describe('what is taken on for a guest', () => {
  it('is nothing where the policy says nothing', () => {
    expect(on({})).toEqual({
      vouched: false,
      likelyIsEnough: false,
      accepted: new Set(),
      mayRestart: true,
      reason: undefined,
    });
  });

  it.each([['web1'], ['web*'], [web1.uuid.toUpperCase()]])('goes by %s, and not for others', (pattern) => {
    const policy = { attest: [{ ...common, guests: [pattern] }] };
    expect(on(policy)).toMatchObject({ vouched: true, reason: 'because (until 2030-06-15)' });
    expect(on(policy, db1)).toMatchObject({ vouched: false, reason: undefined });
  });

  it('ends with its day', () => {
    expect(on({ acceptLikely: [{ ...common, guests: ['*'] }] }).likelyIsEnough).toBe(true);
    expect(on({ acceptLikely: [{ ...common, guests: ['*'] }] }, web1, '2030-06-16').likelyIsEnough).toBe(false);
  });

  it('adds up, with all its reasons', () => {
    const accept = [
      { ...common, guests: ['web*'], codes: ['snapshots' as const] },
      { reason: 'also', expires: '2031-01-01', guests: ['*'], codes: ['device-names' as const] },
    ];
    const { accepted, reason } = on({ accept });
    expect([...accepted]).toEqual(['snapshots', 'device-names']);
    expect(reason).toBe('because (until 2030-06-15); also (until 2031-01-01)');
  });

  it('a guest that may stay pending, or is never to be restarted, is not', () => {
    expect(on({ neverRestart: ['web*'] }).mayRestart).toBe(false);
    expect(on({ waive: [{ ...common, guests: ['web1'], rules: ['VIO-002'] }] }).mayRestart).toBe(false);
    expect(on({ waive: [{ ...common, guests: ['web1'], rules: ['VIO-001'] }] }).mayRestart).toBe(true);
  });
});

describe('a waiver', () => {
  const policy: Policy = { ...NO_POLICY, waive: [{ ...common, guests: ['web1'], rules: ['VIO-001'] }] };

  it('counts for its guests, its rules, and until its day', () => {
    expect(findWaiver(policy, web1, 'VIO-001', '2030-06-15')).toMatchObject(common);
    expect(findWaiver(policy, db1, 'VIO-001', '2030-06-15')).toBeUndefined();
    expect(findWaiver(policy, web1, 'VIO-003', '2030-06-15')).toBeUndefined();
    expect(findWaiver(policy, web1, 'VIO-001', '2030-06-16')).toBeUndefined();
  });
});
