import { describe, expect, it } from '@jest/globals';
import type { RunReport } from '../../../../../src/cli/report.ts';
import { renderHtml } from '../../../../../src/cli/views/html/render-html.ts';
import { RULES } from '../../../../../src/compliance/rules.ts';
import type { GuestResult } from '../../../../../src/conversion/result.ts';
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
} from '../../checked-guest.ts';
import { needyFleet } from './fleet.ts';

function render(guests: readonly GuestResult[], more: Partial<RunReport> = {}): string {
  return renderHtml(checkReport(guests, more), '1.2.3');
}

/** What people read: without tags, style and script. */
function textOf(page: string): string {
  return page
    .replace(/<(style|script)>[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');
}

/** The row of one guest. */
function rowOf(page: string, name: string): string {
  const row = page.split('<tr').find((one) => one.includes(`<p>${name}<`));
  return textOf(`<tr${row?.split('</tbody>')[0] ?? ''}`).trim();
}

describe('the page of a check', () => {
  it('says which host was checked, when and by which version', () => {
    const text = textOf(render([], { connection: 'qemu+ssh://h/system' }));
    for (const told of ['qemu+ssh://h/system, host h', 'checked 2026-06-01 00:00 UTC', 'virtioize 1.2.3'])
      expect(text).toContain(told);
  });

  it.each([
    ['none', [], 'No guests'],
    ['one that is compliant', [checkedGuest('a')], 'The one guest is as it should be'],
    ['compliant and waived ones', [checkedGuest('a'), checkedGuest('b', WAIVED)], 'All 2 guests are as they should be'],
    ['one that is not', [checkedGuest('a', DRIFT)], '1 of 1 guest needs work'],
    ['some', [checkedGuest('a', PENDING), checkedGuest('b', EMULATED), checkedGuest('c')], '2 of 3 guests need work'],
  ])('counts: %s', (_, guests, expected) => {
    expect(textOf(render(guests))).toContain(expected);
  });

  it('counts which rules are broken by how many guests, and the waivers that have expired', () => {
    const waiver = { guests: ['x'], rules: [], reason: 'x', expires: '2020-01-01', isExpired: true, matched: 0 };
    const guests = [
      checkedGuest('a', EMULATED),
      checkedGuest('b', { ...EMULATED, ...DRIFT }),
      checkedGuest('c', WAIVED),
    ];
    expect(textOf(render(guests, { waivers: [waiver, { ...waiver, isExpired: false }] }))).toContain(
      'VIO-001 disk-bus-emulated (medium): 2 guests VIO-003 source-drift (high): 1 guest 1 waiver has expired, and counts as none',
    );
  });

  it('tells of each guest what it breaks, for how long, and the next command', () => {
    const page = render([checkedGuest('web1', EMULATED), checkedGuest('web2', PENDING), checkedGuest('web3', DRIFT)]);
    expect(rowOf(page, 'web1')).toBe(
      "web1 not compliant running VIO-001 Emulated: 'hda' on ide. virtioize convert web1",
    );
    expect(rowOf(page, 'web2')).toBe(
      "web2 pending a restart running VIO-002 It still has 'hda' on ide. Pending for 3 days. virtioize convert --restart graceful web2",
    );
    expect(rowOf(page, 'web3')).toBe(
      "web3 not compliant running VIO-003 'vda' is on '/b'. virtioize recover --adopt-live-source web3",
    );
  });

  it('begins with the guests that need work most: by standing, severity, how long they wait, and name', () => {
    const since = (at: string) => ({ 'VIO-002': { ...PENDING['VIO-002'], since: at } });
    const unknown = { 'VIO-002': { result: 'fail', disks: ['hda'] } } as const;
    const page = render([
      checkedGuest('fine'),
      checkedGuest('waits', unknown),
      checkedGuest('short', since('2026-05-30T00:00:00Z')),
      checkedGuest('waived', WAIVED),
      checkedGuest('long', since('2026-01-30T00:00:00Z')),
      checkedGuest('damaged', UNREADABLE, FAILED),
      checkedGuest('ide10', EMULATED),
      checkedGuest('ide9', EMULATED),
      checkedGuest('drift', { ...EMULATED, ...DRIFT }),
    ]);
    const names = [...page.matchAll(/scope=row><p>(\w+)/g)].map(([, name]) => name);
    expect(names).toEqual(['drift', 'ide9', 'ide10', 'damaged', 'long', 'short', 'waits', 'waived', 'fine']);
  });

  it('tells once what stands in the way of a conversion, and what to do about it; of the drift its own rule tells', () => {
    const refusals = (['source-drift', 'block-job', 'block-job'] as const).map((code) => ({
      code,
      message: `It has a ${code}.`,
      hint: 'Wait.',
    }));
    const page = render([checkedGuest('web1', { ...EMULATED, ...DRIFT }, { outcome: 'refused', refusals })]);
    expect(rowOf(page, 'web1')).toBe(
      "web1 not compliant running VIO-001 Emulated: 'hda' on ide. In the way: block-job It has a block-job. → Wait. virtioize convert web1 VIO-003 'vda' is on '/b'. virtioize recover --adopt-live-source web1",
    );
  });

  it('tells why a guest could not be read', () => {
    const page = render([checkedGuest('web1', UNREADABLE, { ...FAILED, state: '' })]);
    expect(rowOf(page, 'web1')).toBe('web1 not to be judged command-failed libvirt said no. → Ask again.');
  });

  it('shows the last evidence with its age, and what it was concluded from', () => {
    const evidence = [
      { source: 'offline', verdict: 'refuted', summary: 'It lacks it.', facts: { system: 'AlmaLinux 9' }, stale: true },
      { source: 'attested', verdict: 'likely', summary: 'Vouched for.', facts: {} },
    ] as const;
    const page = render([checkedGuest('web1', EMULATED, { evidence, evidenceAt: '2026-05-20T00:00:00Z' })]);
    expect(rowOf(page, 'web1')).toMatch(
      /refuted offline, stale, 12 days ago It lacks it. What was seen system AlmaLinux 9 likely attested, 12 days ago Vouched for.$/,
    );
  });

  it('says nothing of the age of evidence where that is not known', () => {
    const evidence = [{ source: 'agent', verdict: 'proven', summary: 'Fine.', facts: {} }] as const;
    expect(rowOf(render([checkedGuest('a', EMULATED, { evidence, evidenceAt: 'lately' })]), 'a')).toMatch(
      /proven agent Fine.$/,
    );
  });

  it('lists what is waived, and all waivers; of those that have expired it says that they count as none', () => {
    const waiver = { reason: 'was to be replaced', rules: ['VIO-001', 'VIO-002'] } as const;
    const waivers = [
      { ...waiver, guests: ['old-*', 'x1'], expires: '2026-05-01', isExpired: true, matched: 1 },
      { ...waiver, guests: ['new-*'], expires: '2026-12-31', isExpired: false, matched: 0 },
    ];
    const page = render([checkedGuest('old1', WAIVED)], { waivers });
    expect(rowOf(page, 'old1')).toBe(
      "old1 waived running VIO-001 Emulated: 'hda' on ide. Waived until 2026-12-31: its system has no driver",
    );
    expect(textOf(page)).toContain(
      'old-*, x1 VIO-001, VIO-002 was to be replaced expired on 2026-05-01, counts as none 1 guest new-* VIO-001, VIO-002 was to be replaced 2026-12-31 0 guests',
    );
  });

  it('begins with changes that were interrupted, and how to bring them to an end', () => {
    expect(textOf(render([], { unfinished: [INTERRUPTED], connection: 'qemu+ssh://h/system' }))).toContain(
      'Interrupted, and not finished A change of web9 , begun at 2026-05-31 00:00 UTC , 24 h before this check To bring it to an end: virtioize -c qemu+ssh://h/system recover',
    );
  });

  it('has every rule with its rationale, its remedy, and how many guests break it', () => {
    const text = textOf(render([checkedGuest('a', EMULATED), checkedGuest('b', WAIVED), checkedGuest('c', PENDING)]));
    for (const { id, name, severity, title, rationale, remedy } of Object.values(RULES)) {
      const broken = id === 'VIO-003' ? 'kept by all' : 'broken by 1 guest';
      expect(text).toContain(`${id} ${name} Severity ${severity}, ${broken} ${title}. ${rationale} ${remedy}`);
    }
  });

  it('allows the browser nothing but its own style and script', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(render([]))?.[1];
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; script-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'$/,
    );
  });
});

describe('the page of many guests', () => {
  const sizeOf = (page: string): number => Buffer.byteLength(page);

  it('stays below 500 KB for a thousand that all need work and have evidence', () => {
    const trend = Array.from({ length: 200 }, (_, day) => ({
      at: new Date(Date.UTC(2026, 0, 1 + day)).toISOString(),
      guests: 1200 - day,
    }));
    const page = render(needyFleet(1000), { trend });
    expect(sizeOf(page)).toBeLessThan(500_000);
    expect(rowOf(page, 'app-0999.prod.example.org')).toContain('proven agent, 12 days ago Linux 6.1.999-18-amd64');
    expect(textOf(page)).toContain('virtioize check --json has it.');
  });

  it('shows what all evidence was concluded from as long as there is room', () => {
    const page = render(needyFleet(300));
    expect(page.match(/What was seen/g)).toHaveLength(300);
    expect(textOf(page)).not.toContain('virtioize check --json has it.');
  });
});

describe('the screen of a clone that did not come up', () => {
  const evidence = [{ source: 'rehearsal', verdict: 'refuted', summary: 'It did not.', facts: {} }] as const;
  const guest = checkedGuest('a', EMULATED, { evidence: [...evidence], evidenceAt: '2026-05-20T03:00:00.000Z' });
  const png = Buffer.from('\x89PNG\r\n\x1a\n and more', 'latin1');

  it('is shown where that is asked for, and is all that the page may load', () => {
    const page = render([guest], { screens: new Map([[guest.uuid, png]]) });
    expect(page).toContain(
      `<img alt="What the clone had on its screen" src="data:image/png;base64,${png.toString('base64')}">`,
    );
    expect(page).toContain("default-src 'none'");
    expect(page).toContain('img-src data:;');
  });

  it('is not shown else, nor that of another guest', () => {
    expect(render([guest])).not.toMatch(/<img|img-src/);
    expect(render([guest], { screens: new Map([['another', png]]) })).not.toContain('<img');
  });
});
