import { RULES, type Rule } from '../../../compliance/rules.ts';
import type { GuestResult } from '../../../conversion/result.ts';
import { failsRule } from '../../compliance-counts.ts';
import { type Html, html } from './markup.ts';

/** What each rule asks for and why, and how many guests break it. */
export function renderRules(guests: readonly GuestResult[]): Html {
  return html`<section aria-labelledby="rules-title">
<h2 id="rules-title">Rules</h2>
<div class="rules">
${Object.values(RULES).map((rule) => renderRule(rule, guests.filter((guest) => failsRule(guest, rule.id)).length))}</div>
</section>
`;
}

function renderRule({ id, name, severity, title, rationale, remedy }: Rule, broken: number): Html {
  return html`<article id="${id}" aria-labelledby="${id}-title">
<h3 id="${id}-title">${id} ${name}</h3>
<p class="note">Severity ${severity}, ${broken === 0 ? 'kept by all' : `broken by ${broken} ${broken === 1 ? 'guest' : 'guests'}`}</p>
<p><b>${title}.</b> ${rationale}</p>
<p><code>${remedy}</code></p>
</article>
`;
}
