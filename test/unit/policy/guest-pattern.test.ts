import { describe, expect, it } from '@jest/globals';
import { guestMatcher } from '../../../src/policy/guest-pattern.ts';

const WEB = { name: 'web-1', uuid: '6f1ed5c8-3d02-4a6b-8f5c-000000000001' };

describe('a list of guests in the policy', () => {
  it.each([
    [['web-1'], true],
    [['web-*'], true],
    [['db-*', 'web-?'], true],
    [['6F1ED5C8-3D02-4A6B-8F5C-000000000001'], true],
    [['WEB-1'], false],
    [['web'], false],
    [['!db-*'], false],
    [['6f1ed5c8-*'], false],
    [[], false],
  ])('%j names web-1: %s', (patterns, expected) => {
    expect(guestMatcher(patterns)(WEB)).toBe(expected);
  });

  it('names a guest whose own name looks like a glob', () => {
    expect(guestMatcher(['web[1]'])({ ...WEB, name: 'web[1]' })).toBe(true);
  });
});
