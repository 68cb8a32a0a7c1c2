import { describe, expect, it } from '@jest/globals';
import { Chalk } from 'chalk';
import type { RunReport } from '../../../../src/cli/report.ts';
import { renderText } from '../../../../src/cli/views/text.ts';
import type { GuestResult } from '../../../../src/conversion/result.ts';
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

const PLAIN = { style: new Chalk({ level: 0 }), quiet: false, verbose: false };
const EXPIRED = {
  guests: ['old-*', 'x1'],
  rules: ['VIO-001', 'VIO-002'],
  reason: 'was to be replaced',
  expires: '2026-05-01',
  isExpired: true,
  matched: 2,
} as const;

function render(guests: readonly GuestResult[], more: Partial<RunReport> = {}, options = {}): string {
  return renderText(checkReport(guests, more), { ...PLAIN, ...options })
    .map(({ text }) => `${text}\n`)
    .join('');
}

describe('for people, a check', () => {
  it('of compliant guests is one line', () => {
    expect(render([checkedGuest('a'), checkedGuest('b')])).toBe('2 guests: 2 compliant\n');
  });

  it('of no guests says so', () => {
    expect(render([])).toBe('0 guests\n');
  });

  it('tells of each guest what it breaks, for how long, and the next command', () => {
    const guests = [checkedGuest('fine'), checkedGuest('web1', EMULATED), checkedGuest('web2', PENDING)];
    expect(render(guests)).toBe(
      [
        'web1: not compliant (running)',
        "  VIO-001 disk-bus-emulated (medium)  Emulated: 'hda' on ide.",
        '    -> virtioize convert web1',
        'web2: pending a restart (running)',
        "  VIO-002 restart-pending (low)  It still has 'hda' on ide. Pending for 3 days.",
        '    -> virtioize convert --restart graceful web2',
        '3 guests: 1 compliant, 1 pending a restart, 1 not compliant',
        '',
      ].join('\n'),
    );
  });

  it('tells what is in the way of a conversion; of the drift its own rule tells', () => {
    const refusals = (['source-drift', 'block-job', 'block-job'] as const).map((code) => ({
      code,
      message: '',
      hint: '',
    }));
    const text = render([checkedGuest('web1', { ...EMULATED, ...DRIFT }, { outcome: 'refused', refusals })]);
    expect(text).toContain('    in the way: block-job\n');
    expect(text).toContain(
      "  VIO-003 source-drift (high)  'vda' is on '/b'.\n    -> virtioize recover --adopt-live-source web1\n",
    );
  });

  it('tells why a guest could not be read', () => {
    const error = { ...FAILED.error, message: 'libvirt said\u001b[2J no.' };
    expect(render([checkedGuest('web1', UNREADABLE, { ...FAILED, error, state: '' })])).toBe(
      [
        'web1: not to be judged',
        '  command-failed  libvirt said\\u001b[2J no.',
        '    -> Ask again.',
        '1 guest: 1 not to be judged',
        '',
      ].join('\n'),
    );
  });

  it('lists what is waived, why and until when, and the waivers that have expired', () => {
    expect(render([checkedGuest('old1', WAIVED)], { waivers: [EXPIRED] })).toBe(
      [
        'Waived:',
        '  old1: VIO-001 disk-bus-emulated, until 2026-12-31: its system has no driver',
        'Waivers that have expired, and count as none:',
        '  old-*, x1: VIO-001, VIO-002, expired on 2026-05-01: was to be replaced',
        '1 guest: 1 waived',
        '',
      ].join('\n'),
    );
  });

  it('begins with a change that was interrupted', () => {
    const unfinished = [INTERRUPTED];
    expect(render([checkedGuest('a')], { unfinished })).toMatch(
      /^Interrupted: a change of 'web9' .*\n1 guest: 1 compl/,
    );
  });

  it('says why there is a rule where more is wanted', () => {
    expect(render([checkedGuest('a', EMULATED)], {}, { verbose: true })).toContain('traps into the emulator');
  });
});

describe('a quiet check', () => {
  it('prints nothing where all guests are compliant or waived', () => {
    const guests = [checkedGuest('a'), checkedGuest('old1', WAIVED)];
    expect(render(guests, { waivers: [EXPIRED] }, { quiet: true })).toBe('');
  });

  it.each([
    ['a guest that is not', [checkedGuest('a', EMULATED)], {}],
    ['a pending guest', [checkedGuest('a', PENDING)], {}],
    ['one that could not be read', [checkedGuest('a', UNREADABLE, FAILED)], {}],
    ['an interrupted change', [checkedGuest('a')], { unfinished: [INTERRUPTED] }],
  ])('tells of %s', (_, guests, more) => {
    expect(render(guests, more, { quiet: true })).not.toBe('');
  });
});

describe('the next command', () => {
  it.each([
    ['web1', 'qemu:///system', 'virtioize convert web1'],
    ['web1', 'qemu+ssh://h/system', 'virtioize -c qemu+ssh://h/system convert web1'],
    ["it's", 'qemu:///system', "virtioize convert 'it'\\''s'"],
    ['$(reboot)', 'qemu:///system', "virtioize convert '$(reboot)'"],
    ['-x', 'qemu:///system', "virtioize convert -- '-x'"],
    ['GUEST', 'qemu:///system', 'virtioize convert GUEST'],
  ])('for %j on %s', (name, connection, expected) => {
    expect(render([checkedGuest(name, EMULATED)], { connection })).toContain(`    -> ${expected}\n`);
  });
});
