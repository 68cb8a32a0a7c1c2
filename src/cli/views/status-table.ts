import type { ChalkInstance } from 'chalk';
import type { GuestResult } from '../../conversion/result.ts';
import { durationWords } from './duration-words.ts';
import { renderTable } from './plain-table.ts';
import { printable } from './printable.ts';

/** Every guest and disk, a line each, and below what stands in the way. */
export function renderStatus(
  guests: readonly GuestResult[],
  { style, quiet }: { readonly style: ChalkInstance; readonly quiet: boolean },
): string[] {
  const shown = guests.filter(({ outcome }) => !quiet || outcome !== 'compliant');
  if (shown.length === 0) return [];
  const head = ['GUEST', 'STATE', 'DISK', 'BUS', 'VERDICT', 'SOURCE'].map((title) => style.bold(title));
  const rows = shown.flatMap((guest) => guestRows(guest, style));
  const notes = shown.flatMap((guest) => statusNotes(guest, style));
  return [renderTable(head, rows), ...(notes.length > 0 ? ['', ...notes] : []), ''];
}

function guestRows({ name, state, inventory = [], error }: GuestResult, style: ChalkInstance): string[][] {
  if (inventory.length === 0)
    return [[printable(name), state, '-', '', error === undefined ? 'no disks' : 'unreadable', '']];
  return inventory.map(({ target, bus, liveBus, source, kind }, position) => [
    ...(position === 0 ? [printable(name), state] : ['', '']),
    target,
    liveBus === undefined ? bus : `${bus} (running: ${liveBus})`,
    kind === 'emulated' ? style.yellow(kind) : kind === 'pending' ? style.cyan('pending restart') : kind,
    printable(source),
  ]);
}

function statusNotes(guest: GuestResult, style: ChalkInstance): string[] {
  const name = printable(guest.name);
  const evidence = guest.evidence.map(
    ({ source, verdict, summary }) => `${verdict} (${source}: ${printable(summary)})`,
  );
  const notes = [
    ...(guest.error === undefined
      ? []
      : [`${style.bold(name)}: ${style.red(guest.error.code)}  ${printable(guest.error.message)}`]),
    ...guest.refusals.map(({ code, message }) => `${style.bold(name)}: ${style.red(code)}  ${printable(message)}`),
  ];
  if (guest.evidenceAt !== undefined && guest.outcome !== 'compliant') {
    notes.push(`${style.bold(name)}: last evidence, ${age(guest.evidenceAt)}: ${evidence.join('; ')}`);
  }
  return notes;
}

/** How long ago, roughly. */
function age(at: string): string {
  return `${durationWords(Date.now() - Date.parse(at))} ago`;
}
