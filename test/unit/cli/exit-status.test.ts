import { describe, expect, it } from '@jest/globals';
import { exitStatus } from '../../../src/cli/exit-status.ts';
import type { RunReport } from '../../../src/cli/report.ts';
import type { GuestResult, Outcome } from '../../../src/conversion/result.ts';

function guest(outcome: Outcome): GuestResult {
  return { name: 'g', uuid: 'u', state: '', outcome, refusals: [], warnings: [], evidence: [], disks: [] };
}

function report(command: string, outcomes: Outcome[], more: Partial<RunReport> = {}): RunReport {
  const base = {
    command,
    connection: '',
    host: '',
    dryRun: false,
    startedAt: '',
    finishedAt: '',
    recovered: [],
    unfinished: [],
  };
  return { ...base, guests: outcomes.map(guest), ...more };
}

describe('the exit status', () => {
  it.each([
    ['convert', ['compliant', 'converted', 'planned', 'skipped'], 0],
    ['convert', ['converted', 'refused'], 2],
    ['convert', ['refused', 'failed'], 1],
    ['convert', ['rolled-back'], 1],
    ['convert', ['failed', 'needs-attention', 'refused'], 3],
    ['preflight', ['refused'], 2],
    ['status', ['refused'], 0],
    ['rollback', ['rolled-back'], 0],
    ['rollback', ['rolled-back', 'refused'], 2],
    ['recover', ['failed', 'converted'], 0],
    ['recover', ['needs-attention'], 3],
    ['convert', [], 0],
  ] as const)('of %s with guests %j is %i', (command, outcomes, expected) => {
    expect(exitStatus(report(command, [...outcomes]))).toBe(expected);
  });

  it('is 3 where a read-only command found an interrupted run', () => {
    const unfinished = [{ id: 'x', guest: { name: 'g', uuid: 'u' }, steps: new Set(['begin'] as const), since: '' }];
    expect(exitStatus(report('status', ['compliant'], { unfinished }))).toBe(3);
  });

  it('does not count what was recovered on the way, unless that needs a person', () => {
    expect(exitStatus(report('convert', ['converted'], { recovered: [guest('failed')] }))).toBe(0);
    expect(exitStatus(report('convert', ['converted'], { recovered: [guest('needs-attention')] }))).toBe(3);
  });
});
