import { describe, expect, it } from '@jest/globals';
import { errorStatus, exitStatus, formatStatus } from '../../../src/cli/exit-status.ts';
import type { RunReport } from '../../../src/cli/report.ts';
import type { GuestResult, Outcome } from '../../../src/conversion/result.ts';
import { VirtioizeError } from '../../../src/error.ts';
import {
  checkedGuest,
  checkReport,
  DRIFT,
  EMULATED,
  FAILED,
  INTERRUPTED,
  PENDING,
  UNREADABLE,
  WAIVED,
} from './checked-guest.ts';

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
    ['check', ['compliant', 'skipped'], 0],
    ['check', ['compliant', 'converted'], 2],
    ['check', ['planned'], 2],
    ['check', ['refused'], 2],
    ['check', ['refused', 'failed'], 1],
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

describe('the exit status of a monitoring plugin', () => {
  it.each([
    ['compliant guests', [checkedGuest('a')], {}, 0],
    ['a waived guest', [checkedGuest('a', WAIVED)], {}, 0],
    ['no guests', [], {}, 0],
    ['a pending guest', [checkedGuest('a', PENDING)], {}, 1],
    ['an emulated guest', [checkedGuest('a', EMULATED), checkedGuest('b', PENDING)], {}, 2],
    ['drift', [checkedGuest('a', DRIFT)], {}, 2],
    ['an interrupted change', [checkedGuest('a')], { unfinished: [INTERRUPTED] }, 2],
    ['a guest that needs attention', [checkedGuest('a', {}, { outcome: 'needs-attention' })], {}, 2],
    ['an unreadable guest', [checkedGuest('a', UNREADABLE, FAILED), checkedGuest('b', PENDING)], {}, 3],
    [
      'an unreadable guest beside an emulated one',
      [checkedGuest('a', UNREADABLE, FAILED), checkedGuest('b', EMULATED)],
      {},
      2,
    ],
  ] as const)('for %s', (_, guests, more, expected) => {
    expect(formatStatus(checkReport(guests, more), 'nagios')).toBe(expected);
  });

  it('is unknown where the run could not be done, whatever it was', () => {
    for (const code of ['libvirt-unreachable', 'usage', 'bug', 'permission', 'config'] as const)
      expect(errorStatus(new VirtioizeError(code, ''), 'nagios')).toBe(3);
    expect(errorStatus(new VirtioizeError('libvirt-unreachable', ''), 'json')).toBe(69);
  });
});

describe('where the reports of a host could not be written', () => {
  const trouble = new VirtioizeError('report-unwritable', '');

  it('it is 73 whatever the guests are', () => {
    expect(formatStatus(checkReport([checkedGuest('a')]), 'text', trouble)).toBe(73);
    expect(formatStatus(checkReport([checkedGuest('a', EMULATED)]), 'json', trouble)).toBe(73);
  });

  it('it is unknown to monitoring, and what is critical stays so', () => {
    expect(formatStatus(checkReport([checkedGuest('a', PENDING)]), 'nagios', trouble)).toBe(3);
    expect(formatStatus(checkReport([checkedGuest('a', EMULATED)]), 'nagios', trouble)).toBe(2);
  });
});
