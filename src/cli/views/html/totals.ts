import { COMPLIANCES } from '../../../compliance/guest-compliance.ts';
import type { WaiverStatus } from '../../../compliance/rule-result.ts';
import { RULES } from '../../../compliance/rules.ts';
import type { GuestResult } from '../../../conversion/result.ts';
import { countCompliances, failsRule, needsWork } from '../../compliance-counts.ts';
import type { RunReport } from '../../report.ts';
import { COMPLIANCE_WORDS } from '../compliance-words.ts';
import { type Html, html } from './markup.ts';

/** How many guests stand in which way: a sentence, numbers, and a bar; which rules they break, and what has expired. */
export function renderTotals({ guests, waivers = [] }: RunReport): Html {
  const counts = countCompliances(guests);
  const words = [...COMPLIANCES].reverse();
  const tiles = words.map(
    (word) =>
      html`<li class="${word}${counts[word] === 0 ? ' none' : ''}"><b>${counts[word]}</b> ${COMPLIANCE_WORDS[word]}`,
  );
  let left = 0;
  const parts = words.map((word) => {
    const part = html`<rect class="${word}" x="${left}" width="${counts[word]}" height="1"/>`;
    left += counts[word];
    return part;
  });
  return html`<section aria-labelledby="totals-title">
<h2 id="totals-title">${headline(guests.length, guests.filter(needsWork).length)}</h2>
<svg class="bar" viewBox="0 0 ${Math.max(1, guests.length)} 1" preserveAspectRatio="none" aria-hidden="true">${parts}</svg>
<ul class="tiles">${tiles}</ul>
<ul class="notes">${brokenRules(guests)}${expiredWaivers(waivers)}</ul>
</section>
`;
}

function brokenRules(guests: readonly GuestResult[]): Html[] {
  return Object.values(RULES).flatMap(({ id, name, severity }) => {
    const broken = guests.filter((guest) => failsRule(guest, id)).length;
    if (broken === 0) return [];
    return [html`<li><a href="#${id}">${id}</a> ${name} (${severity}): ${broken} ${broken === 1 ? 'guest' : 'guests'}`];
  });
}

function expiredWaivers(waivers: readonly WaiverStatus[]): Html | undefined {
  const expired = waivers.filter(({ isExpired }) => isExpired).length;
  if (expired === 0) return undefined;
  const words = expired === 1 ? 'waiver has expired, and counts as none' : 'waivers have expired, and count as none';
  return html`<li><a href="#waivers-title">${expired} ${words}</a>`;
}

function headline(all: number, open: number): string {
  if (all === 0) return 'No guests';
  if (open === 0) return all === 1 ? 'The one guest is as it should be' : `All ${all} guests are as they should be`;
  return `${open} of ${all} ${all === 1 ? 'guest' : 'guests'} ${open === 1 ? 'needs' : 'need'} work`;
}
