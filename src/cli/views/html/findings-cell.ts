import type { RuleResult } from '../../../compliance/rule-result.ts';
import { RULES } from '../../../compliance/rules.ts';
import type { GuestResult } from '../../../conversion/result.ts';
import type { Refusal } from '../../../domain/finding.ts';
import { hindrances } from '../../compliance-counts.ts';
import { remedyCommand } from '../remedy-command.ts';
import type { RowContext } from './guest-table.ts';
import { type Html, html } from './markup.ts';
import { timeSince } from './moment.ts';

/** Which rules a guest breaks, what stands in the way, and the command that comes next. */
export function renderFindings(guest: GuestResult, context: RowContext): Html {
  const failures = (guest.compliance ?? []).filter(({ result }) => result === 'fail');
  const findings = failures.map((failure) => renderFinding(failure, guest, context));
  return html`<td>${renderError(guest)}${findings}`;
}

function renderError({ error }: GuestResult): Html | undefined {
  if (error === undefined) return undefined;
  return html`<p><b>${error.code}</b> ${error.message}${renderHint(error.hint)}`;
}

function renderFinding(
  { rule, message, since, waiver }: RuleResult,
  guest: GuestResult,
  { connection, finishedAt }: RowContext,
): Html {
  const found = html`<p><b>${rule}</b> ${message}`;
  if (waiver !== undefined) return html`${found}<p>Waived until ${waiver.expires}: ${waiver.reason}`;
  const age = timeSince(since, finishedAt);
  const pending = age === undefined ? undefined : html` <b>Pending for ${age}.</b>`;
  const inTheWay = rule === 'VIO-001' ? distinct(hindrances(guest)).map(renderHindrance) : undefined;
  return html`${found}${pending}${inTheWay}<code>${remedyCommand(RULES[rule], guest.name, connection)}</code>`;
}

/** Several disks of a guest may be refused for the very same reason. */
function distinct(refusals: readonly Refusal[]): Refusal[] {
  return [...new Map(refusals.map((refusal) => [`${refusal.code} ${refusal.message}`, refusal])).values()];
}

function renderHindrance({ code, message, hint }: Refusal): Html {
  return html`<p>In the way: <b>${code}</b> ${message}${renderHint(hint)}`;
}

function renderHint(hint: string | undefined): Html | undefined {
  return hint === undefined ? undefined : html`<p>→ ${hint}`;
}
