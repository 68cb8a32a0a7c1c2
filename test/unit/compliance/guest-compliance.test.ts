import { describe, expect, it } from '@jest/globals';
import { summarizeRules } from '../../../src/compliance/guest-compliance.ts';
import type { RuleId, RuleResult } from '../../../src/compliance/rule-result.ts';
import { RULE_IDS } from '../../../src/compliance/rule-result.ts';
import { RULES } from '../../../src/compliance/rules.ts';

const WAIVER = { reason: 'x', expires: '2027-01-01' };

/** Results by a word each; `waived` is a failure with a waiver. */
function results(...words: (RuleResult['result'] | 'waived')[]): RuleResult[] {
  return words.map((word, position) => {
    const rule = RULE_IDS[position] as RuleId;
    return word === 'waived'
      ? { rule, result: 'fail', disks: ['hda'], waiver: WAIVER }
      : { rule, result: word, disks: [] };
  });
}

describe('a guest in one word', () => {
  it.each([
    [['pass', 'pass', 'pass'], 'compliant'],
    [['pass', 'pass', 'notapplicable'], 'compliant'],
    [['waived', 'pass', 'notapplicable'], 'waived'],
    [['waived', 'fail', 'pass'], 'pending'],
    [['pass', 'fail', 'pass'], 'pending'],
    [['pass', 'waived', 'pass'], 'waived'],
    [['pass', 'pass', 'fail'], 'noncompliant'],
    [['fail', 'waived', 'pass'], 'noncompliant'],
    [['waived', 'pass', 'fail'], 'noncompliant'],
    [['error', 'error', 'error'], 'unreadable'],
    [['pass', 'unknown', 'unknown'], 'unreadable'],
    [['waived', 'unknown', 'unknown'], 'unreadable'],
    [['fail', 'unknown', 'unknown'], 'noncompliant'],
  ] as const)('with the results %j is %s', (words, expected) => {
    expect(summarizeRules(results(...words))).toBe(expected);
  });
});

describe('every rule', () => {
  it.each(RULE_IDS)('%s has its own name, and a remedy that ends with the guest', (id) => {
    const rule = RULES[id];
    expect(rule.id).toBe(id);
    expect(rule.remedy).toMatch(/^virtioize \S.* GUEST$/);
    expect(Object.values(RULES).filter(({ name }) => name === rule.name)).toHaveLength(1);
  });
});
