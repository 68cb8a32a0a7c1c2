import { describe, expect, it } from '@jest/globals';
import { renderNagios, renderNagiosError } from '../../../../src/cli/views/nagios.ts';
import { VirtioizeError } from '../../../../src/error.ts';
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

const fine = checkedGuest('fine');

/** The line without its counts. */
function told(...[guests, more]: Parameters<typeof checkReport>): string | undefined {
  return renderNagios(checkReport(guests, more)).split(' | ')[0];
}

describe('for a monitoring system', () => {
  it('all is well where all guests are compliant, in one line with the counts', () => {
    expect(renderNagios(checkReport([fine, checkedGuest('other')]))).toBe(
      'VIRTIOIZE OK - 2 guests, all compliant | guests=2;;;0 noncompliant=0;;0;0;2 drift=0;;0;0;2 pending=0;0;;0;2 unreadable=0;;;0;2 waived=0;;;0;2 waivers_expired=0;;;0;0 interrupted=0;;0;0\n',
    );
  });

  it('a waived failure is well, and told', () => {
    expect(told([fine, checkedGuest('old1', WAIVED)])).toBe('VIRTIOIZE OK - 2 guests, 1 compliant, 1 waived');
  });

  it('a pending guest is a warning', () => {
    expect(told([fine, checkedGuest('web1', PENDING)])).toBe('VIRTIOIZE WARNING - 1 pending a restart: web1');
  });

  it('an unreadable guest leaves it unknown, also beside a pending one', () => {
    const guests = [checkedGuest('web1', PENDING), checkedGuest('web2', UNREADABLE, FAILED)];
    expect(told(guests)).toBe('VIRTIOIZE UNKNOWN - 1 not to be judged: web2; 1 pending a restart: web1');
  });

  it.each([
    ['with an emulated disk', EMULATED, '1 of 2 guests not compliant: web1 (VIO-001)'],
    ['whose source has drifted', DRIFT, '1 of 2 guests not compliant: web1 (VIO-003)'],
    ['with both', { ...EMULATED, ...DRIFT }, '1 of 2 guests not compliant: web1 (VIO-001, VIO-003)'],
  ])('a guest %s is critical', (_, said, expected) => {
    expect(told([fine, checkedGuest('web1', said)])).toBe(`VIRTIOIZE CRITICAL - ${expected}`);
  });

  it('an interrupted run is critical, whatever else there is', () => {
    const guests = [fine, checkedGuest('web2', UNREADABLE, FAILED)];
    expect(told(guests, { unfinished: [INTERRUPTED] })).toBe(
      'VIRTIOIZE CRITICAL - interrupted: web9 (virtioize recover); 1 not to be judged: web2',
    );
  });

  it('the counts have thresholds that agree with the state, and tell of waivers', () => {
    const waiver = { guests: ['x'], rules: [], reason: 'x', expires: '2020-01-01', isExpired: true, matched: 0 };
    const guests = [
      fine,
      checkedGuest('a', EMULATED),
      checkedGuest('b', { ...DRIFT, ...PENDING }),
      checkedGuest('c', PENDING),
      checkedGuest('d', WAIVED),
      checkedGuest('e', UNREADABLE, FAILED),
    ];
    const line = renderNagios(checkReport(guests, { waivers: [waiver, { ...waiver, isExpired: false }] }));
    expect(line.split(' | ')[1]).toBe(
      'guests=6;;;0 noncompliant=2;;0;0;6 drift=1;;0;0;6 pending=1;0;;0;6 unreadable=1;;;0;6 waived=1;;;0;6 waivers_expired=1;;;0;2 interrupted=0;;0;0\n',
    );
  });

  it('of many guests five are named', () => {
    const guests = Array.from({ length: 41 }, (_, number) => checkedGuest(`web${number}`, EMULATED));
    expect(told(guests)).toMatch(/- 41 of 41 guests not compliant: web0 .*, web4 \(VIO-001\) and 36 more$/);
  });

  it('reports that could not be written leave it unknown, and are told in the same line', () => {
    const trouble = new VirtioizeError('report-unwritable', 'Could not write the report /x (EACCES).');
    expect(renderNagios(checkReport([fine]), trouble)).toMatch(/^VIRTIOIZE UNKNOWN - Could not write .* \| guests=1;/);
    expect(renderNagios(checkReport([checkedGuest('a', EMULATED)]), trouble)).toMatch(/^VIRTIOIZE CRITICAL - 1 of 1/);
  });
});

describe('what would begin another line or the counts', () => {
  it.each(['a|b=1', 'a\nVIRTIOIZE OK', 'a\u001b[2J', 'a\r\nb', 'x'.repeat(5000)])(
    'in the name of a guest (%j) does not',
    (name) => {
      const guests = [checkedGuest(name, EMULATED), checkedGuest(`${name}2`, PENDING)];
      const unfinished = [{ ...INTERRUPTED, guest: { name, uuid: 'u' } }];
      const line = renderNagios(checkReport(guests, { unfinished }));
      expect(line.match(/\|/g)).toHaveLength(1);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      expect(line).toMatch(/^[^\u0000-\u001f\u007f-\u009f]+\n$/);
      expect(line.length).toBeLessThan(1000);
    },
  );

  it('in an error does not', () => {
    const hostile = { message: `libvirt | said\nno ${'x'.repeat(5000)}`, hint: 'Ask.' };
    const line = renderNagiosError(hostile);
    expect(line).toMatch(/^VIRTIOIZE UNKNOWN - libvirt \\u007c said\\u000ano x+…\n$/);
    expect(line.length).toBeLessThan(500);
  });

  it('an error is told with what to do about it', () => {
    expect(renderNagiosError({ message: 'No libvirt.', hint: 'Start it.' })).toBe(
      'VIRTIOIZE UNKNOWN - No libvirt. Start it.\n',
    );
  });
});
