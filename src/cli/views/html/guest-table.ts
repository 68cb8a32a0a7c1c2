import { COMPLIANCES, isFailure } from '../../../compliance/guest-compliance.ts';
import { RULES, type Rule } from '../../../compliance/rules.ts';
import type { GuestResult } from '../../../conversion/result.ts';
import { complianceOf, countCompliances, needsWork } from '../../compliance-counts.ts';
import type { RunReport } from '../../report.ts';
import { COMPLIANCE_WORDS } from '../compliance-words.ts';
import { renderEvidence } from './evidence-cell.ts';
import { renderFindings } from './findings-cell.ts';
import { type Html, html } from './markup.ts';

/** What a row needs to know beside its guest. */
export interface RowContext extends Pick<RunReport, 'connection' | 'finishedAt' | 'screens'>, GuestTableOptions {}

export interface GuestTableOptions {
  /** Whether there is room for what each piece of evidence was concluded from. */
  readonly showsFacts: boolean;
}

/** From the worst to the best, as people read. */
const BY_NEED = [...COMPLIANCES].reverse();

/**
 * All guests, those first that need work most: by standing, by the severest rule that they break, by how long they have
 * been pending. Closing tags that HTML
 * does without are left out: the page of a thousand guests is to stay small.
 */
export function renderGuestTable(report: RunReport, { showsFacts }: GuestTableOptions): Html {
  const { guests, ...context } = { ...report, showsFacts };
  return html`<section aria-labelledby="guests-title">
<h2 id="guests-title">Guests</h2>
${renderFilter(guests)}
<table id="guests" aria-labelledby="guests-title">
<thead><tr><th scope="col">Guest<th scope="col">Standing<th scope="col" data-plain>What is wrong, and the next step<th scope="col">Evidence</thead>
<tbody>
${inOrder(guests).map((guest) => renderRow(guest, context))}</tbody>
</table>
${showsFacts ? undefined : html`<p class="note">What the evidence was concluded from is left out of a page about so many guests; <code>virtioize check --json</code> has it.</p>`}
</section>
`;
}

/** Shown by the script, which does what it offers. */
function renderFilter(guests: readonly GuestResult[]): Html {
  const counts = countCompliances(guests);
  const open = guests.filter(needsWork).length;
  const choices = BY_NEED.filter((word) => counts[word] > 0).map(
    (word) => html`<option value="${word}">${COMPLIANCE_WORDS[word]} (${counts[word]})</option>`,
  );
  return html`<form id="filter" role="search" aria-label="Guests" hidden>
<label>Show <select id="standing"><option value="">all guests (${guests.length})</option><option value="${BY_NEED.filter(isOpen).join(' ')}">all that need work (${open})</option>${choices}</select></label>
<label>with <input id="words" type="search" placeholder="a name, a rule, any words" autocomplete="off" spellcheck="false"></label>
<p id="told" role="status"></p>
</form>`;
}

const isOpen = (word: string): boolean => word !== 'compliant' && word !== 'waived';

function inOrder(guests: readonly GuestResult[]): GuestResult[] {
  const byName = new Intl.Collator('en', { numeric: true });
  return guests
    .map((guest) => ({ guest, need: needOf(guest) }))
    .sort(
      (one, other) =>
        one.need.standing - other.need.standing ||
        one.need.severity - other.need.severity ||
        one.need.since - other.need.since ||
        byName.compare(one.guest.name, other.guest.name),
    )
    .map(({ guest }) => guest);
}

/** What a guest's place depends on; the less, the sooner somebody should look at it. */
function needOf(guest: GuestResult): Readonly<Record<'standing' | 'severity' | 'since', number>> {
  const broken = (guest.compliance ?? []).filter(isFailure);
  return {
    standing: BY_NEED.indexOf(complianceOf(guest)),
    severity: Math.min(...broken.map(({ rule }) => BY_SEVERITY.indexOf(RULES[rule].severity)), BY_SEVERITY.length),
    since: Math.min(...broken.map(({ since = '' }) => Date.parse(since) || LATEST), LATEST),
  };
}

const BY_SEVERITY: readonly Rule['severity'][] = ['high', 'medium', 'low'];
const LATEST = Number.MAX_SAFE_INTEGER;

function renderRow(guest: GuestResult, context: RowContext): Html {
  const word = complianceOf(guest);
  const state = guest.state === '' ? undefined : html`<p>${guest.state}`;
  const cells =
    word === 'compliant' ? html`<td><td>` : [renderFindings(guest, context), renderEvidence(guest, context)];
  return html`<tr class="${word}"><th scope=row><p>${guest.name}<td><b>${COMPLIANCE_WORDS[word]}</b>${state}${cells}
`;
}
