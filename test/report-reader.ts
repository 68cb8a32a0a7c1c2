import type { Page } from 'puppeteer-core';
import type { RunReport } from '../src/cli/report.ts';
import { renderHtml } from '../src/cli/views/html/render-html.ts';
import type { GuestResult } from '../src/conversion/result.ts';
import { createPageServer } from './page-server.ts';
import { openBrowser } from './testbed/browser.ts';
import { checkReport } from './unit/cli/checked-guest.ts';

/** Somebody who reads the page of a check in a browser. */
export interface ReportReader {
  /** Begin anew, in a window with nothing in it. */
  begin(): Promise<Page>;
  /** Render a check's page and go to it. */
  open(guests: readonly GuestResult[], more?: Partial<RunReport>): Promise<void>;
  /** What an expression comes to in the page. */
  look<T>(expression: string): Promise<T>;
  /** The names of the guests that are shown, from top to bottom. */
  names(): Promise<string[]>;
  /** What the web server was asked for since the page was rendered. */
  asked(): readonly string[];
  /** What the browser complained about: a style or a script that is not allowed, an error in a script. */
  complaints(): readonly string[];
  close(): Promise<void>;
}

const SHOWN_NAMES =
  "[...document.querySelectorAll('#guests tbody tr')].filter((row) => row.checkVisibility()).map((row) => row.cells[0].textContent)";

export async function createReportReader(): Promise<ReportReader> {
  const [browser, server] = await Promise.all([openBrowser(), createPageServer()]);
  let page = await browser.newPage();
  let complaints: string[] = [];
  const look = async <T>(expression: string): Promise<T> => (await page.evaluate(expression)) as T;
  return {
    async begin() {
      await page.close();
      page = await browser.newPage();
      const said: string[] = [];
      complaints = said;
      page.on('console', (message) => said.push(message.text()));
      page.on('pageerror', (error) => said.push(String(error)));
      return page;
    },
    async open(guests, more = {}) {
      server.show(renderHtml(checkReport(guests, more), '1.2.3'));
      await page.goto(server.address);
    },
    look,
    names: () => look(SHOWN_NAMES),
    asked: () => server.asked,
    complaints: () => complaints,
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
