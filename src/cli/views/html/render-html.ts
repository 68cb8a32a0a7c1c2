import type { RunReport } from '../../report.ts';
import { type GuestTableOptions, renderGuestTable } from './guest-table.ts';
import { html } from './markup.ts';
import { moment } from './moment.ts';
import { renderPage } from './page-frame.ts';
import { renderRules } from './rule-list.ts';
import { renderTotals } from './totals.ts';
import { renderTrend } from './trend-plot.ts';
import { renderUnfinished } from './unfinished-list.ts';
import { renderWaivers } from './waiver-table.ts';

/**
 * The result of a check as one page for people, which loads nothing: it can be mailed, kept, printed, or put on a web
 * server as it is. Its script sorts and filters; without it the page says the same.
 */
export function renderHtml(report: RunReport, version: string): string {
  const { screens, ...told } = report;
  const page = renderWhole(told, { version, showsFacts: true });
  const showsFacts = page.length <= ROOM_WITH_FACTS;
  return showsFacts && screens === undefined ? page : renderWhole(report, { version, showsFacts });
}

/** In characters. A larger page has no room for what each piece of evidence was concluded from. */
const ROOM_WITH_FACTS = 400_000;

interface WholeOptions extends GuestTableOptions {
  readonly version: string;
}

function renderWhole(report: RunReport, { version, showsFacts }: WholeOptions): string {
  const { connection, host, guests, finishedAt, waivers = [], trend = [] } = report;
  const body = html`<header>
<div><h1>Virtio compliance</h1>
<p>${connection}, host ${host}<br>checked ${moment(finishedAt)}; ages are those of then</p></div>
<nav aria-label="On this page"><a href="#guests-title">Guests</a><a href="#waivers-title">Waivers</a><a href="#rules-title">Rules</a></nav>
</header>
<main>
${renderUnfinished(report)}<div class="overview">
${renderTotals(report)}${renderTrend(trend)}</div>
${renderGuestTable(report, { showsFacts })}${renderWaivers(waivers)}${renderRules(guests)}</main>
<footer><p>virtioize ${version}</p></footer>
`;
  return renderPage({ title: `Virtio compliance of ${connection}`, body, hasPictures: report.screens !== undefined });
}
