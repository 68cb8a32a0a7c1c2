import type { TrendPoint } from '../../../compliance/rule-result.ts';
import { type Html, html } from './markup.ts';

/** In units of the drawing, which is stretched to the width that there is; its labels stand beside it as text. */
const WIDTH = 1000;
const HEIGHT = 200;
const MOST_STEPS = 4;
const DAY_MS = 86_400_000;

/** How many guests had emulated disks at past times: a line of steps, and the same as a table. */
export function renderTrend(trend: readonly TrendPoint[]): Html {
  const known = trend.filter(({ at }) => !Number.isNaN(Date.parse(at)));
  const [first, ...more] = known;
  const last = more.at(-1);
  return html`<section aria-labelledby="trend-title">
<h2 id="trend-title">Trend</h2>
${first === undefined || last === undefined ? html`<p class="note">The journal tells of no conversion of these guests yet.</p>` : renderPlot(known, first, last)}
</section>
`;
}

function renderPlot(trend: readonly TrendPoint[], first: TrendPoint, last: TrendPoint): Html {
  const levels = chooseLevels(Math.max(...trend.map(({ guests }) => guests)));
  const line = stepLine(trend, levels.at(-1) ?? 1);
  const told = `From ${first.guests} ${first.guests === 1 ? 'guest' : 'guests'} with emulated disks to ${last.guests}.`;
  return html`<figure>
<figcaption>Guests with emulated disks, from the journal; what was changed without virtioize is not seen.</figcaption>
<div class="plot"><div class="levels" aria-hidden="true">${[...levels].reverse().map((level) => html`<span>${level}</span>`)}</div>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${told}">
${levels.map((_, position) => gridLine((position * HEIGHT) / (levels.length - 1)))}<path class="area" d="${line}V${HEIGHT}H0Z"/><path class="line" d="${line}"/>
</svg>
<div class="times" aria-hidden="true">${chooseTimes(first, last).map((time) => html`<span>${time}</span>`)}</div></div>
<p class="note">${told}</p>
<details><summary>As a table</summary><table class="small"><thead><tr><th scope="col">From (UTC)<th scope="col">Guests with emulated disks</thead><tbody>
${trend.map(({ at, guests }) => html`<tr><td>${minute(at)}<td>${guests}`)}</tbody></table></details>
</figure>`;
}

/** Whole numbers at equal distances, from 0 to the first that is no less than the most. */
function chooseLevels(most: number): number[] {
  const magnitude = 10 ** Math.floor(Math.log10(Math.max(1, most / MOST_STEPS)));
  const step = [1, 2, 5, 10].map((one) => one * magnitude).find((one) => one * MOST_STEPS >= most) ?? most;
  const steps = Math.max(1, Math.ceil(most / step));
  return Array.from({ length: steps + 1 }, (_, position) => position * step);
}

/** What was so at one time stays so until the next. */
function stepLine(trend: readonly TrendPoint[], top: number): string {
  const times = trend.map(({ at }) => Date.parse(at));
  const [begin = 0, end = 0] = [times[0], times.at(-1)];
  const x = (time: number): number => (end > begin ? round(((time - begin) / (end - begin)) * WIDTH) : WIDTH);
  const y = ({ guests }: TrendPoint): number => round(HEIGHT - (guests / top) * HEIGHT);
  const [first, ...more] = trend;
  const steps = more.map((point, position) => `H${x(times[position + 1] ?? end)}V${y(point)}`);
  return `M0 ${first === undefined ? HEIGHT : y(first)}${steps.join('')}`;
}

function gridLine(y: number): Html {
  return html`<path class="grid" d="M0 ${round(y)}H${WIDTH}"/>`;
}

/** The beginning, the middle and the end, as days; as times where that is within a few. */
function chooseTimes(first: TrendPoint, last: TrendPoint): string[] {
  const [begin, end] = [Date.parse(first.at), Date.parse(last.at)];
  const times = [begin, (begin + end) / 2, end].map(minute);
  return end - begin > 3 * DAY_MS ? times.map((time) => time.slice(0, 'YYYY-MM-DD'.length)) : times;
}

function minute(at: string | number): string {
  return new Date(at).toISOString().slice(0, 'YYYY-MM-DD hh:mm'.length).replace('T', ' ');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
