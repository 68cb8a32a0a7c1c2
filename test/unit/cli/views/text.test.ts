import { describe, expect, it } from '@jest/globals';
import { Chalk } from 'chalk';
import type { RunReport } from '../../../../src/cli/report.ts';
import { renderText } from '../../../../src/cli/views/text.ts';
import type { GuestResult } from '../../../../src/conversion/result.ts';

const PLAIN = { style: new Chalk({ level: 0 }), quiet: false, verbose: false };

const MOVED = {
  source: '/images/a.qcow2',
  from: { target: 'hda', bus: 'ide' },
  to: { target: 'vda', bus: 'virtio' },
  dropped: [],
};

function guest(name: string, more: Partial<GuestResult>): GuestResult {
  const base = { name, uuid: 'u', state: 'running', refusals: [], warnings: [], evidence: [], disks: [] };
  return { ...base, outcome: 'converted', ...more };
}

const verified = guest('web1', {
  restart: 'verified',
  conversionId: 'x',
  disks: [{ ...MOVED, outcome: 'converted' }],
});
const unverified = guest('web2', {
  restart: 'unverified',
  conversionId: 'x',
  warnings: [{ code: 'unverified', message: 'The guest writes to its disks, but was not seen to have come up.' }],
});
const rolledBack = guest('db1', {
  outcome: 'rolled-back',
  disks: [{ ...MOVED, outcome: 'rolled-back' }],
  error: { code: 'did-not-come-up', message: 'It did not come up.', hint: 'Look at its screen.' },
  capture: { screenshot: '/state/db1/screenshot.png', console: '/state/db1/console.log' },
});
const down = guest('db2', {
  outcome: 'needs-attention',
  error: { code: 'did-not-come-up', message: 'It did not come up as it was either.', hint: 'Look at its console.' },
});

function render(report: Partial<RunReport>, options = {}): string {
  const base = {
    command: 'convert',
    connection: 'test:///default',
    host: 'h',
    dryRun: false,
    startedAt: '',
    finishedAt: '',
  };
  const whole = { ...base, guests: [], recovered: [], unfinished: [], ...report };
  return renderText(whole, { ...PLAIN, ...options })
    .map(({ text }) => `${text}\n`)
    .join('');
}

describe('for people, a guest that was restarted', () => {
  it('and came up is converted, and can be rolled back with a restart', () => {
    expect(render({ guests: [verified] })).toBe(
      [
        'web1: converted, restarted, and it came up (running)',
        '  hda on ide -> vda on virtio   /images/a.qcow2',
        '  Undo with: virtioize rollback web1 --restart graceful',
        '1 guest, 1 converted',
        '',
      ].join('\n'),
    );
  });

  it('and was not seen to come up is converted, with a warning', () => {
    const text = render({ guests: [unverified] });
    expect(text).toContain(
      'web2: converted, restarted, not seen to have come up (running)\n  unverified  The guest writes',
    );
    expect(text).toContain('1 guest, 1 converted (1 unverified)\n');
    expect(text).not.toContain('Takes effect');
  });

  it('and did not come up is rolled back: why, its screen and console, and none of its disks', () => {
    expect(render({ guests: [rolledBack] })).toBe(
      [
        'db1: rolled back (running), it did not come up; it is as it was, and came up again',
        '  did-not-come-up  It did not come up.',
        '    -> Look at its screen.',
        '  its screen, when it was given up: /state/db1/screenshot.png',
        '  the end of its console: /state/db1/console.log',
        '1 guest, 1 rolled-back',
        '',
      ].join('\n'),
    );
  });

  it('and did not come up as it was either needs attention', () => {
    const text = render({ guests: [down] });
    expect(text).toContain(
      'db2: needs attention\n  did-not-come-up  It did not come up as it was either.\n    -> Look at',
    );
  });

  it('by rollback is told as rolled back where that is what was asked for', () => {
    const undone = guest('web1', {
      outcome: 'rolled-back',
      restart: 'verified',
      disks: [{ ...MOVED, outcome: 'rolled-back' }],
    });
    const text = render({ command: 'rollback', guests: [undone] });
    expect(text).toContain('web1: rolled back, restarted, and it came up (running)\n  hda on ide -> vda on virtio');
    expect(text).not.toContain('Undo with');
  });
});

describe('the summary', () => {
  it('of many guests counts them, after what is left to do for those that did not go through', () => {
    const pending = guest('web3', { restart: 'pending' });
    const failed = guest('web4', { outcome: 'failed', error: { code: 'shutdown-ignored', message: 'It runs.' } });
    const text = render({ guests: [verified, unverified, pending, rolledBack, down, failed] });
    const lines = text.split('\n');
    const titles = ['Needs attention', 'Rolled back', 'Failed', 'Restarted, but', 'Pending'];
    const places = titles.map((title) => lines.findIndex((line) => line.startsWith(title)));
    expect(places).toEqual([...places].sort((one, other) => one - other));
    expect(lines.slice(places[0])).toEqual(
      expect.arrayContaining([
        '  db2',
        '    its screen: /state/db1/screenshot.png',
        '    shutdown-ignored: It runs.',
        '  virtioize -c test:///default convert web4',
        '  virtioize -c test:///default convert --restart graceful web3',
      ]),
    );
    expect(text).toMatch(
      /\n6 guests, 3 converted \(1 pending, 1 unverified\), 1 rolled-back, 1 needs-attention, 1 failed\n$/,
    );
  });

  it('of one guest does not repeat its trouble', () => {
    expect(render({ guests: [down] })).toMatch(/\n1 guest, 1 needs-attention\n$/);
  });
});

describe('where nothing is to be said of what is as it should be', () => {
  it('a guest that came up is left out, one that was not seen to is not', () => {
    expect(render({ guests: [verified] }, { quiet: true })).toBe('');
    const text = render({ guests: [verified, unverified, rolledBack] }, { quiet: true });
    expect(text).not.toContain('web1');
    expect(text).toContain('web2: converted, restarted, not seen to have come up');
    expect(text).toContain('db1: rolled back');
  });
});

describe('what was recovered', () => {
  it('is told before all else, with how its guest came up', () => {
    const text = render({ recovered: [verified], guests: [rolledBack] });
    expect(text.split('\n')[0]).toBe(
      'Recovered web1: its interrupted change was complete and has been closed (converted, restarted, and it came up).',
    );
  });

  it('is told with its warnings, its error, and its screen', () => {
    const text = render({ recovered: [unverified, rolledBack] });
    expect(text).toContain('(converted, restarted, not seen to have come up).\n  unverified  The guest writes');
    expect(text).toContain(
      'Recovered db1: rolled-back. It did not come up.\n  its screen, when it was given up: /state',
    );
  });

  it('and needs a person says what to do', () => {
    expect(render({ recovered: [down] })).toContain(
      'Needs attention: db2: It did not come up as it was either.\n    -> Look at its console.',
    );
  });

  it('and is as it was says why', () => {
    const late = guest('web1', {
      outcome: 'failed',
      error: { code: 'shutdown-ignored', message: 'It was started again.' },
    });
    expect(render({ recovered: [late] })).toContain('Recovered web1: It was started again.\n');
  });
});

describe('what a guest put into its name, its errors and its paths', () => {
  it('reaches no terminal with control characters', () => {
    const hostile = guest('web\u001b[2J1', {
      outcome: 'rolled-back',
      error: { code: 'did-not-come-up', message: 'nothing is mounted at /\u001b]0;x\u0007', hint: 'a\rb' },
      warnings: [{ code: 'unverified', message: 'a\u009b31mb' }],
    });
    const text = render({ guests: [hostile, hostile], recovered: [hostile] });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });
});

describe('for people who asked to be told only what is new', () => {
  const others = [
    guest('old', { uuid: 'old', outcome: 'refused' }),
    guest('new', { uuid: 'new', outcome: 'compliant' }),
  ];

  it('guests of which there is nothing new are counted and not told', () => {
    expect(render({ guests: others, nothingNew: new Set(['old']) }, { quiet: true })).toBe(
      'new: compliant (running), nothing to do\n2 guests, 1 refused, 1 compliant (nothing new of 1)\n',
    );
  });

  it('nothing at all is printed where nothing is new', () => {
    expect(render({ guests: others, nothingNew: new Set(['old', 'new']) }, { quiet: true })).toBe('');
  });
});
