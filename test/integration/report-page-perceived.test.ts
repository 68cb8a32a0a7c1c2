import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import axe from 'axe-core';
import { execa } from 'execa';
import type { Page } from 'puppeteer-core';
import { BESIDE_FLEET, BY_STANDING, FLEET } from '../checked-fleet.ts';
import { createReportReader, type ReportReader } from '../report-reader.ts';
import { checkedGuest, EMULATED } from '../unit/cli/checked-guest.ts';

let reader: ReportReader;
let page: Page;

beforeAll(async () => {
  reader = await createReportReader();
});

afterAll(async () => reader.close());

beforeEach(async () => {
  page = await reader.begin();
});

describe('for those who hear it', () => {
  it('every table, head, control and picture has its name', async () => {
    await reader.open(FLEET, BESIDE_FLEET);
    const found = await namedNodes();
    for (const expected of [
      'table Guests',
      'columnheader Standing',
      'rowheader web-10',
      'combobox Show',
      'searchbox with',
      'image From 9 guests with emulated disks to 2.',
      'region Interrupted, and not finished',
      'region 5 of 7 guests need work',
      'navigation On this page',
      'search Guests',
    ])
      expect(found).toContain(expected);
    expect(await reader.look(`document.querySelector('[role=status]').id`)).toBe('told');
  });

  it('a table stays one in a narrow window', async () => {
    await page.setViewport({ width: 360, height: 800 });
    await reader.open(FLEET, BESIDE_FLEET);
    const found = await namedNodes();
    for (const expected of ['table Guests', 'columnheader Evidence', 'rowheader web-10', 'table Waivers'])
      expect(found).toContain(expected);
  });

  it.each([
    ['in light', 'light', 1280],
    ['in the dark', 'dark', 1280],
    ['in a narrow window', 'light', 360],
  ])('axe finds nothing wrong with it %s', async (_, scheme, width) => {
    await page.setViewport({ width, height: 800 });
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    await reader.open(FLEET, BESIDE_FLEET);
    await reader.look(`document.querySelectorAll('details').forEach((one) => { one.open = true; })`);
    await reader.look(axe.source);
    const { violations, passes } = await reader.look<{ violations: { id: string }[]; passes: { id: string }[] }>(
      'axe.run()',
    );
    expect(violations.map(({ id }) => id)).toEqual([]);
    expect(passes.map(({ id }) => id)).toEqual(expect.arrayContaining(['color-contrast', 'label', 'html-has-lang']));
  });

  /** All nodes of the accessibility tree with their roles and names. */
  async function namedNodes(): Promise<string[]> {
    const client = await page.createCDPSession();
    const { nodes } = await client.send('Accessibility.getFullAXTree');
    return nodes.flatMap(({ ignored, role, name }) => (ignored ? [] : [`${role?.value} ${name?.value}`]));
  }
});

describe('its colours', () => {
  it('are those that the reader prefers, and on paper always light', async () => {
    const lightness = async (): Promise<number> => {
      const colour = await reader.look<string>('getComputedStyle(document.body).backgroundColor');
      return Math.min(...(colour.match(/\d+/g) ?? []).map(Number));
    };
    await reader.open(FLEET, BESIDE_FLEET);
    expect(await lightness()).toBeGreaterThan(200);
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
    expect(await lightness()).toBeLessThan(50);
    await page.emulateMediaType('print');
    expect(await lightness()).toBe(255);
  });
});

describe('on paper', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'virtioize-paper-'));
  });

  afterEach(async () => rm(folder, { recursive: true }));

  /** The text of each sheet. */
  async function print(): Promise<string[]> {
    const file = join(folder, 'page.pdf');
    await writeFile(file, await page.pdf({ format: 'A4' }));
    const { stdout } = await execa('pdftotext', ['-layout', file, '-']);
    return stdout.split('\f').filter((sheet) => sheet !== '');
  }

  it('every guest has its row, each sheet the heads of the columns, and there is nothing to click', async () => {
    const many = Array.from({ length: 40 }, (_, number) => checkedGuest(`many-${number}`, EMULATED));
    await reader.open([...FLEET, ...many]);
    const sheets = await print();
    const text = sheets.join('\n');
    for (const name of [...BY_STANDING, 'many-0', 'many-39']) expect(text).toContain(name);
    expect(text).toContain('virtioize convert many-39');
    expect(text).not.toMatch(/Show|a name, a rule|On this page/);
    const withRows = sheets.filter((sheet) => /many-\d/.test(sheet));
    expect(withRows.length).toBeGreaterThan(1);
    for (const sheet of withRows) expect(sheet).toMatch(/Guest +Standing +What is wrong, and the next step +Evidence/);
  });

  it('has only the guests that are shown, and says that there are more', async () => {
    await reader.open(FLEET, BESIDE_FLEET);
    await page.type('#words', 'web-9');
    const text = (await print()).join('\n');
    expect(text).toContain('1 of 7 guests');
    expect(text).not.toContain('drifted');
  });
});
