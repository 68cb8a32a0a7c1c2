import type { WaiverStatus } from '../../../compliance/rule-result.ts';
import { type Html, html } from './markup.ts';

/** All waivers of the policy, also those that name nobody or have expired. */
export function renderWaivers(waivers: readonly WaiverStatus[]): Html {
  return html`<section aria-labelledby="waivers-title">
<h2 id="waivers-title">Waivers</h2>
${waivers.length === 0 ? html`<p class="note">The configuration waives nothing.</p>` : renderTable(waivers)}
</section>
`;
}

function renderTable(waivers: readonly WaiverStatus[]): Html {
  return html`<table id="waivers" aria-labelledby="waivers-title">
<thead><tr><th scope="col">Guests<th scope="col">Rules<th scope="col">Reason<th scope="col">Until<th scope="col">Names</thead>
<tbody>
${waivers.map(renderWaiver)}</tbody>
</table>`;
}

function renderWaiver({ guests, rules, reason, expires, isExpired, matched }: WaiverStatus): Html {
  const until = isExpired ? html`<b class="noncompliant">expired on ${expires}, counts as none</b>` : html`${expires}`;
  return html`<tr><th scope="row">${guests.join(', ')}<td data-label="Rules">${rules.join(', ')}<td data-label="Reason">${reason}<td data-label="Until">${until}<td data-label="Names">${matched} ${matched === 1 ? 'guest' : 'guests'}
`;
}
