import type { RunReport } from '../../../src/cli/report.ts';
import type { RuleId, RuleResult } from '../../../src/compliance/rule-result.ts';
import { RULE_IDS } from '../../../src/compliance/rule-result.ts';
import type { GuestResult } from '../../../src/conversion/result.ts';

/** A guest as `check` reports it: all rules are kept but those that are said. */
export function checkedGuest(
  name: string,
  said: Readonly<Partial<Record<RuleId, Partial<RuleResult>>>> = {},
  more: Partial<GuestResult> = {},
): GuestResult {
  const compliance = RULE_IDS.map((rule): RuleResult => ({ rule, result: 'pass', disks: [], ...said[rule] }));
  const base = { state: 'running', refusals: [], warnings: [], evidence: [], disks: [] };
  return { name, uuid: `uuid-of-${name}`, ...base, outcome: 'compliant', compliance, ...more };
}

export function checkReport(guests: readonly GuestResult[], more: Partial<RunReport> = {}): RunReport {
  return {
    command: 'check',
    connection: 'qemu:///system',
    host: 'h',
    dryRun: false,
    startedAt: '2026-06-01T00:00:00.000Z',
    finishedAt: '2026-06-01T00:00:01.000Z',
    guests,
    recovered: [],
    unfinished: [],
    waivers: [],
    trend: [],
    ...more,
  };
}

const WAIVER = { reason: 'its system has no driver', expires: '2026-12-31' };
export const EMULATED = { 'VIO-001': { result: 'fail', message: "Emulated: 'hda' on ide.", disks: ['hda'] } } as const;
export const PENDING = {
  'VIO-002': {
    result: 'fail',
    message: "It still has 'hda' on ide.",
    disks: ['hda'],
    since: '2026-05-29T00:00:01.000Z',
  },
} as const;
export const DRIFT = { 'VIO-003': { result: 'fail', message: "'vda' is on '/b'.", disks: ['vda'] } } as const;
export const WAIVED = { 'VIO-001': { ...EMULATED['VIO-001'], waiver: WAIVER } } as const;
export const UNREADABLE = {
  'VIO-001': { result: 'error' },
  'VIO-002': { result: 'error' },
  'VIO-003': { result: 'error' },
} as const;
export const FAILED = {
  outcome: 'failed',
  error: { code: 'command-failed', message: 'libvirt said no.', hint: 'Ask again.' },
} as const;
export const INTERRUPTED = {
  id: 'x',
  guest: { name: 'web9', uuid: 'u' },
  steps: new Set(['begin'] as const),
  since: '2026-05-31T00:00:00.000Z',
};
