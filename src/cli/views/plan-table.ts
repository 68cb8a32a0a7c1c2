import type { ChalkInstance } from 'chalk';
import type { GuestResult } from '../../conversion/result.ts';
import { renderTable } from './plain-table.ts';
import { printable } from './printable.ts';

/** What would become of each guest, and totals. Guests with nothing to do are only counted. */
export function renderPlan(planned: readonly GuestResult[], style: ChalkInstance): string {
  const shown = planned.filter(({ outcome }) => outcome !== 'compliant');
  const head = ['GUEST', 'STATE', 'PLAN', 'DISKS', 'WHY'].map((title) => style.bold(title));
  const rows = shown.map((guest) => [
    printable(guest.name),
    guest.state,
    planOf(guest, style),
    disksOf(guest),
    whyOf(guest),
  ]);
  return [...(shown.length === 0 ? [] : [renderTable(head, rows)]), totals(planned)].join('\n');
}

function planOf({ outcome, restart }: GuestResult, style: ChalkInstance): string {
  if (outcome === 'converted') return style.cyan('none, pending');
  if (outcome !== 'planned') return outcome === 'refused' || outcome === 'failed' ? style.red(outcome) : outcome;
  if (restart === 'pending') return style.green('change, left pending');
  return style.green(restart === undefined ? 'change, with a restart' : 'change');
}

function disksOf({ disks }: GuestResult): string {
  return disks.map(({ from, to }) => `${from.target} ${from.bus} -> ${to.target} ${to.bus}`).join('\n');
}

/** What speaks for it, or against it, in a few words. */
function whyOf({ error, refusals, warnings, evidence, outcome }: GuestResult): string {
  if (error !== undefined) return error.code;
  if (refusals.length > 0) return [...new Set(refusals.map(({ code }) => code))].join('\n');
  const waived = warnings.find(({ code }) => code === 'waived');
  if (waived !== undefined) return printable(waived.message);
  const best = (['proven', 'likely'] as const)
    .map((wanted) => evidence.find(({ verdict }) => verdict === wanted))
    .find((found) => found !== undefined);
  return outcome === 'planned' && best !== undefined ? `${best.verdict} (${best.source})` : '';
}

function totals(planned: readonly GuestResult[]): string {
  const count = (outcome: GuestResult['outcome']): number => planned.filter((one) => one.outcome === outcome).length;
  const changing = planned.filter(({ outcome }) => outcome === 'planned');
  const restarted = changing.filter(({ restart }) => restart === undefined).length;
  const pending = changing.filter(({ restart }) => restart === 'pending').length;
  const how = [
    ...(restarted > 0 ? [`${restarted} with a restart`] : []),
    ...(pending > 0 ? [`${pending} pending until their next power-off`] : []),
  ];
  const parts: [number, string][] = [
    [changing.length, `to change${how.length > 0 ? ` (${how.join(', ')})` : ''}`],
    [count('refused'), 'refused'],
    [count('failed'), 'not readable'],
    [count('needs-attention'), 'in need of attention'],
    [count('skipped'), 'skipped'],
    [count('converted'), 'pending already'],
    [count('compliant'), 'with nothing to do'],
  ];
  const told = parts.flatMap(([number, what]) => (number > 0 ? [`${number} ${what}`] : []));
  return `Plan: ${planned.length} ${planned.length === 1 ? 'guest' : 'guests'}: ${told.join(', ')}.`;
}
