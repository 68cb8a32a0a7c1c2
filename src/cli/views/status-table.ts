import type { ChalkInstance } from 'chalk';
import type { GuestResult } from '../../conversion/result.ts';
import { durationWords } from './duration-words.ts';
import { createTable, renderTable } from './plain-table.ts';
import { printable } from './printable.ts';

/** Every guest and disk, a line each, and below what stands in the way. */
export function renderStatus(
  guests: readonly GuestResult[],
  { style, quiet }: { readonly style: ChalkInstance; readonly quiet: boolean },
): string[] {
  const shown = guests.filter(({ outcome }) => !quiet || outcome !== 'compliant');
  if (shown.length === 0) return [];
  const table = createTable(['GUEST', 'STATE', 'DISK', 'BUS', 'VERDICT', 'SOURCE'].map((title) => style.bold(title)));
  for (const guest of shown) {
    const disks = guest.inventory ?? [];
    disks.forEach(({ target, bus, liveBus, source, kind }, position) => {
      const own = position === 0 ? [printable(guest.name), guest.state] : ['', ''];
      const verdict =
        kind === 'emulated' ? style.yellow(kind) : kind === 'pending' ? style.cyan('pending restart') : kind;
      table.push([
        ...own,
        target,
        liveBus === undefined ? bus : `${bus} (running: ${liveBus})`,
        verdict,
        printable(source),
      ]);
    });
    if (disks.length === 0) {
      table.push([
        printable(guest.name),
        guest.state,
        '-',
        '',
        guest.error === undefined ? 'no disks' : 'unreadable',
        '',
      ]);
    }
  }
  const notes = shown.flatMap((guest) => statusNotes(guest, style));
  return [renderTable(table), ...(notes.length > 0 ? ['', ...notes] : []), ''];
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
