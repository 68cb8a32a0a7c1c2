import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { KeyInput, Page } from 'puppeteer-core';
import { BESIDE_FLEET, BY_STANDING, FLEET } from '../checked-fleet.ts';
import { createReportReader, type ReportReader } from '../report-reader.ts';
import { needyFleet } from '../unit/cli/views/html/fleet.ts';

let reader: ReportReader;
let page: Page;

beforeAll(async () => {
  reader = await createReportReader();
});

afterAll(async () => reader.close());

beforeEach(async () => {
  page = await reader.begin();
});

async function told(): Promise<string> {
  return reader.look(`document.querySelector('[role=status]').textContent`);
}

/** The heads of the columns with what a screen reader says of their order. */
async function order(): Promise<Record<string, string | null>> {
  return reader.look(
    `Object.fromEntries([...document.querySelectorAll('#guests thead th')].map((head) => [head.textContent, head.getAttribute('aria-sort')]))`,
  );
}

async function press(...keys: KeyInput[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

/** What has the keyboard, as a screen reader names it. */
async function focused(): Promise<string> {
  return reader.look(
    `(({ tagName, textContent, labels }) => tagName + ' ' + (labels?.[0]?.firstChild.textContent ?? textContent).trim())(document.activeElement)`,
  );
}

describe('the page in a browser', () => {
  it('asks for nothing but itself, and has nothing that its own policy forbids', async () => {
    await reader.open(FLEET, BESIDE_FLEET);
    await page.waitForNetworkIdle();
    expect(reader.asked()).toEqual(['/']);
    expect(reader.complaints()).toEqual([]);
    expect(await reader.names()).toEqual(BY_STANDING);
  });

  it('could load nothing and run no other script, even where somebody got one into it', async () => {
    await reader.open(FLEET, BESIDE_FLEET);
    await reader.look(`document.body.insertAdjacentHTML('beforeend', '<img src="/stolen" onerror="hacked = 1">')`);
    await reader.look(
      `document.body.append(Object.assign(document.createElement('script'), { textContent: 'hacked = 2' }))`,
    );
    await reader.look(`document.body.append(Object.assign(document.createElement('script'), { src: '/hack.js' }))`);
    await page.waitForNetworkIdle();
    expect(reader.complaints().filter((text) => text.includes('Content Security Policy'))).toHaveLength(4);
    expect(await reader.look('typeof hacked')).toBe('undefined');
    expect(reader.asked()).toEqual(['/']);
  });

  it('sorts by a column, either way, and says so', async () => {
    await reader.open(FLEET, BESIDE_FLEET);
    expect(await order()).toEqual({
      Guest: null,
      Standing: 'ascending',
      'What is wrong, and the next step': null,
      Evidence: null,
    });
    await page.click('th:nth-child(1) button');
    expect(await reader.names()).toEqual(['damaged', 'db-1', 'drifted', 'fine-1', 'old-1', 'web-9', 'web-10']);
    expect(await order()).toMatchObject({ Guest: 'ascending', Standing: null });
    expect(await told()).toBe('7 of 7 guests, by guest');
    await page.click('th:nth-child(1) button');
    expect((await reader.names()).slice(0, 2)).toEqual(['web-10', 'web-9']);
    expect(await order()).toMatchObject({ Guest: 'descending' });
    expect(await told()).toBe('7 of 7 guests, by guest, reversed');
    await page.click('th:nth-child(2) button');
    expect(await reader.names()).toEqual(BY_STANDING);
    await page.click('th:nth-child(2) button');
    expect(await reader.names()).toEqual([...BY_STANDING].reverse());
  });

  it('sorts by evidence; guests without any come last, either way', async () => {
    await reader.open(FLEET, BESIDE_FLEET);
    await page.click('th:nth-child(4) button');
    expect((await reader.names()).slice(0, 3)).toEqual(['web-9', 'web-10', 'drifted']);
    await page.click('th:nth-child(4) button');
    expect((await reader.names()).slice(0, 3)).toEqual(['web-10', 'web-9', 'drifted']);
  });

  it('filters by words and by standing, and says how many are left', async () => {
    await reader.open(FLEET, BESIDE_FLEET);
    await page.type('#words', 'WEB vio-001');
    expect(await reader.names()).toEqual(['web-9', 'web-10']);
    expect(await told()).toBe('2 of 7 guests, by standing');
    await page.type('#words', ' nothing');
    expect(await reader.names()).toEqual([]);
    await reader.look(`document.getElementById('words').select()`);
    await press('Backspace');
    await page.select('#standing', 'waived');
    expect(await reader.names()).toEqual(['old-1']);
    await page.select('#standing', 'noncompliant unreadable pending');
    expect(await reader.names()).toEqual(BY_STANDING.slice(0, 5));
  });

  it('is worked by the keyboard alone', async () => {
    await reader.open(FLEET, BESIDE_FLEET);
    const stops = [];
    for (let stop = 0; stop < 14; stop++) {
      await press('Tab');
      stops.push(await focused());
    }
    expect(stops).toEqual([
      'A Guests',
      'A Waivers',
      'A Rules',
      'A VIO-001',
      'A VIO-002',
      'A VIO-003',
      'A 1 waiver has expired, and counts as none',
      'SUMMARY As a table',
      'SELECT Show',
      'INPUT with',
      'BUTTON Guest',
      'BUTTON Standing',
      'BUTTON Evidence',
      'SUMMARY What was seen',
    ]);
    await press('Space');
    expect(await reader.look(`document.querySelector('#guests details').open`)).toBe(true);
    await page.keyboard.down('Shift');
    await press('Tab', 'Tab', 'Tab');
    await page.keyboard.up('Shift');
    expect(await focused()).toBe('BUTTON Guest');
    await press('Enter');
    expect((await reader.names())[0]).toBe('damaged');
    await press('Space');
    expect((await reader.names())[0]).toBe('web-10');
    expect(await focused()).toBe('BUTTON Guest');
  });

  it('sorts and filters a thousand guests', async () => {
    await reader.open(needyFleet(1000), {});
    await page.click('th:nth-child(1) button');
    await page.type('#words', 'app-099 snapshots');
    expect(await reader.names()).toEqual(['app-0993.prod.example.org', 'app-0997.prod.example.org']);
  });
});

describe('without its script', () => {
  it('the page says the same, and has no controls that do nothing', async () => {
    await page.setJavaScriptEnabled(false);
    await reader.open(FLEET, BESIDE_FLEET);
    expect(await reader.names()).toEqual(BY_STANDING);
    expect(await reader.look(`document.querySelectorAll('th button').length`)).toBe(0);
    expect(await reader.look(`document.querySelector('form').checkVisibility()`)).toBe(false);
    await page.click('#guests summary');
    expect(await reader.look(`document.querySelector('#guests dl').innerText`)).toContain('Debian 12');
  });
});
