import { describe, expect, it } from '@jest/globals';
import { renderPrometheus } from '../../../../src/cli/views/prometheus.ts';
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
} from '../checked-guest.ts';

/** The samples of one metric. */
async function samples(metric: string, ...report: Parameters<typeof checkReport>): Promise<string[]> {
  const text = await renderPrometheus(checkReport(...report), '1.2.3');
  return text.split('\n').filter((line) => line.startsWith(`virtioize_${metric}`) && !line.startsWith('#'));
}

describe('for Prometheus', () => {
  it('guests are counted by how they stand, those words included that fit none', async () => {
    const guests = [
      checkedGuest('a'),
      checkedGuest('b', EMULATED),
      checkedGuest('c', DRIFT),
      checkedGuest('d', PENDING),
      checkedGuest('e', WAIVED),
    ];
    expect(await samples('guests{', guests)).toEqual([
      'virtioize_guests{compliance="compliant"} 1',
      'virtioize_guests{compliance="waived"} 1',
      'virtioize_guests{compliance="pending"} 1',
      'virtioize_guests{compliance="unreadable"} 0',
      'virtioize_guests{compliance="noncompliant"} 2',
    ]);
  });

  it('each rule of each guest is broken or not; what is waived is not', async () => {
    expect(await samples('guest_rule_failed', [checkedGuest('b', EMULATED), checkedGuest('e', WAIVED)])).toEqual([
      'virtioize_guest_rule_failed{guest="b",uuid="uuid-of-b",rule="VIO-001"} 1',
      'virtioize_guest_rule_failed{guest="b",uuid="uuid-of-b",rule="VIO-002"} 0',
      'virtioize_guest_rule_failed{guest="b",uuid="uuid-of-b",rule="VIO-003"} 0',
      'virtioize_guest_rule_failed{guest="e",uuid="uuid-of-e",rule="VIO-001"} 0',
      'virtioize_guest_rule_failed{guest="e",uuid="uuid-of-e",rule="VIO-002"} 0',
      'virtioize_guest_rule_failed{guest="e",uuid="uuid-of-e",rule="VIO-003"} 0',
    ]);
  });

  it('nothing is said of the rules of a guest that could not be read', async () => {
    expect(await samples('guest_rule_failed', [checkedGuest('b', UNREADABLE, FAILED)])).toEqual([]);
  });

  it('a pending guest is told with its age, where that is known', async () => {
    const unknown = { 'VIO-002': { result: 'fail', disks: ['hda'] } } as const;
    expect(await samples('pending_seconds', [checkedGuest('d', PENDING), checkedGuest('x', unknown)])).toEqual([
      'virtioize_pending_seconds{guest="d",uuid="uuid-of-d"} 259200',
    ]);
  });

  it('the run tells when it was, which version did it, expired waivers and interrupted changes', async () => {
    const waiver = { guests: ['x'], rules: [], reason: 'x', expires: '2020-01-01', isExpired: true, matched: 0 };
    const text = await renderPrometheus(checkReport([], { waivers: [waiver], unfinished: [INTERRUPTED] }), '1.2.3');
    for (const sample of [
      'virtioize_info{version="1.2.3"} 1',
      `virtioize_check_timestamp_seconds ${Date.UTC(2026, 5, 1) / 1000 + 1}`,
      'virtioize_waivers 0',
      'virtioize_waivers_expired 1',
      'virtioize_interrupted_changes 1',
    ])
      expect(text.split('\n')).toContain(sample);
  });

  it('no sample has a time of its own, and every metric has its HELP and TYPE', async () => {
    const text = await renderPrometheus(checkReport([checkedGuest('d', PENDING)]), '1.2.3');
    const lines = text.split('\n').filter((line) => line !== '');
    for (const line of lines.filter((one) => !one.startsWith('#'))) {
      expect(line).toMatch(/^virtioize_\w+(\{[^}]*\})? \d+$/);
      const metric = /^\w+/.exec(line)?.[0];
      expect(lines.filter((one) => one.startsWith(`# HELP ${metric} `))).toHaveLength(1);
      expect(lines).toContain(`# TYPE ${metric} gauge`);
    }
  });

  it('a name with quotes, backslashes and control characters stays within its label', async () => {
    const [line] = await samples('guest_rule_failed', [checkedGuest('a"} 1\n\\\u001b', EMULATED)]);
    expect(line).toContain('guest="a\\"} 1\\\\u000a\\\\\\\\u001b"');
  });
});
