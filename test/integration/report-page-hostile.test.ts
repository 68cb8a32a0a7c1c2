import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Page } from 'puppeteer-core';
import type { RunReport } from '../../src/cli/report.ts';
import { printable } from '../../src/cli/views/printable.ts';
import type { GuestResult } from '../../src/conversion/result.ts';
import { createReportReader, type ReportReader } from '../report-reader.ts';
import { checkedGuest, INTERRUPTED } from '../unit/cli/checked-guest.ts';

let reader: ReportReader;
let page: Page;

beforeAll(async () => {
  reader = await createReportReader();
});

afterAll(async () => reader.close());

beforeEach(async () => {
  page = await reader.begin();
});

const TEXTS = {
  'a script': '<script>hacked = 1</script>',
  'the end of an attribute': '"><img src="/stolen" onerror="hacked = 1">',
  'the end of another attribute': "'><svg onload=hacked=1>",
  'the ends of what surrounds it': '</script></style></title><script>hacked = 1</script>',
  'the beginning of a comment': '</textarea><!--',
  'what templates make something of': '<p title="$&{{1}}">&lt;b&gt;',
  'marks that turn the direction of writing': '\u202eevil\u202c\u2066\u200f',
  'control characters': '\u0000\u001b[31m\n',
  'writing from right to left': '\u05d0\u05d1\u05d2 \u0627\u0644',
  'one long word': 'long'.repeat(2500),
  'marks upon marks': 'e\u0301'.repeat(3000),
};
const LONG = TEXTS['one long word'];
const EVIDENCE_AT = '2026-05-20T00:00:00Z';

/** A guest with the text wherever one comes from outside. */
function hostileGuest(text: string): GuestResult {
  const failure = { result: 'fail', message: text, disks: [text] } as const;
  const waiver = { reason: text, expires: '2026-12-31' };
  return checkedGuest(
    text,
    { 'VIO-001': failure, 'VIO-002': { ...failure, since: EVIDENCE_AT }, 'VIO-003': { ...failure, waiver } },
    {
      state: text,
      evidence: [{ source: 'agent', verdict: 'proven', summary: text, facts: { [text]: text } }],
      evidenceAt: text,
      refusals: [{ code: 'block-job', message: text, hint: text }],
      error: { code: text, message: text, hint: text },
      outcome: 'refused',
    },
  );
}

function hostileReport(text: string): Partial<RunReport> {
  return {
    connection: text,
    host: text,
    unfinished: [{ ...INTERRUPTED, guest: { name: text, uuid: 'u' }, since: text }],
    trend: [
      { at: text, guests: 1 },
      { at: EVIDENCE_AT, guests: 1 },
      { at: EVIDENCE_AT, guests: 2 },
    ],
    waivers: [{ guests: [text], rules: [], reason: text, expires: text, isExpired: true, matched: 0 }],
  };
}

describe('what comes from a guest', () => {
  it.each(Object.entries(TEXTS))('is text and nothing else: %s', async (_, text) => {
    await reader.open([hostileGuest(text), checkedGuest('fine')], hostileReport(text));
    await page.waitForNetworkIdle();
    expect(reader.asked()).toEqual(['/']);
    expect(reader.complaints()).toEqual([]);
    expect(await reader.look('typeof hacked')).toBe('undefined');
    expect(
      await reader.look(`document.querySelectorAll('script, style, img, textarea, [onerror], [onload]').length`),
    ).toBe(2);
    expect(await reader.names()).toEqual([printable(text), 'fine']);
    await page.type('#words', 'fine');
    expect(await reader.names()).toEqual(['fine']);
  });

  it.each([1280, 360])('breaks no layout at a width of %i, however long it is', async (width) => {
    await page.setViewport({ width, height: 800 });
    await reader.open(Object.values(TEXTS).map(hostileGuest), hostileReport(LONG));
    expect(await reader.look('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    expect(
      await reader.look(
        `Math.max(...[...document.querySelectorAll('#guests :is(th p, code)')].map((one) => one.offsetHeight))`,
      ),
    ).toBeLessThan(200);
  });
});
