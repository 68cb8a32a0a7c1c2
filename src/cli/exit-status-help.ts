/** What each exit status says, for the help and the manual page. */
export const EXIT_STATUSES: readonly (readonly [status: string, meaning: string])[] = [
  ['0', 'all that was asked for holds'],
  ['1', 'a guest failed or was rolled back; it is as it was'],
  ['2', 'a guest was refused, or is not compliant (check)'],
  ['3', 'a guest needs attention, or an interrupted run was found'],
  ['64', 'usage'],
  ['65', 'unreadable data'],
  ['69', 'libvirt not reachable'],
  ['70', 'a bug'],
  ['73', 'state or report not writable'],
  ['75', 'another run holds the lock'],
  ['77', 'permission'],
  ['78', 'configuration'],
  ['130, 143', 'interrupted'],
];

const WIDTH = 90;

/** A line for each of the first ones, which say how guests stand; the rest one after the other. */
export function exitStatusHelp(): string {
  const lines = ['Exit status:'];
  for (const [status, meaning] of EXIT_STATUSES) {
    const last = lines.at(-1) ?? '';
    const isOfGuests = status.length === 1;
    const told = `  ${status} ${isOfGuests ? ' ' : ''}${meaning}`;
    if (isOfGuests || last.startsWith('  3') || last.length + told.length > WIDTH) lines.push(told);
    else lines.splice(-1, 1, `${last}${told}`);
  }
  return lines.join('\n');
}
