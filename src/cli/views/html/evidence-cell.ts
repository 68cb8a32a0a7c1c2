import type { GuestResult } from '../../../conversion/result.ts';
import type { Evidence, Verdict } from '../../../preflight/evidence.ts';
import { weighVerdicts } from '../../../preflight/weigh.ts';
import type { RowContext } from './guest-table.ts';
import { type Html, html } from './markup.ts';
import { timeSince } from './moment.ts';

/** What was last found out about a guest, and how long ago. */
export function renderEvidence(
  { uuid, evidence, evidenceAt }: GuestResult,
  { finishedAt, showsFacts, screens }: RowContext,
): Html {
  if (evidence.length === 0) return html`<td>`;
  const age = timeSince(evidenceAt, finishedAt);
  const screen = screens?.get(uuid);
  const told = evidence.map((one) => [
    renderOne(one, { age, showsFacts }),
    one.source === 'rehearsal' && screen !== undefined ? renderScreen(screen) : undefined,
  ]);
  return html`<td data-k="${WORTH[weighVerdicts(evidence)]}">${told}`;
}

/** A guest draws it: it is shown as a picture, whatever it is of. */
function renderScreen(png: Buffer): Html {
  return html`<details><summary>Its screen then</summary><img alt="What the clone had on its screen" src="data:image/png;base64,${png.toString('base64')}"></details>`;
}

/** The order in which guests are sorted by their evidence: what nobody knows first. */
const WORTH: Readonly<Record<Verdict, number>> = { refuted: 0, unknown: 1, likely: 2, proven: 3 };

function renderOne(
  { source, verdict, summary, facts, stale }: Evidence,
  { age, showsFacts }: { readonly age: string | undefined; readonly showsFacts: boolean },
): Html {
  const words = [source, ...(stale === true ? ['stale'] : []), ...(age === undefined ? [] : [`${age} ago`])];
  const seen = Object.entries(facts).map(([fact, value]) => html`<dt>${fact}<dd>${value}`);
  const details = html`<details><summary>What was seen</summary><dl>${seen}</dl></details>`;
  return html`<p><b class="${verdict}">${verdict}</b> ${words.join(', ')}<p>${summary}${showsFacts && seen.length > 0 ? details : undefined}`;
}
