import type { ChalkInstance } from 'chalk';
import type { GuestResult } from '../../conversion/result.ts';
import { printable } from './printable.ts';
import { quoteForShell } from './quote-for-shell.ts';

export const USUAL_CONNECTION = 'qemu:///system';

/** Guests that need the same step next. */
interface Group {
  readonly title: string;
  readonly has: (guest: GuestResult, all: readonly GuestResult[]) => boolean;
  /** What there is to say of each guest. */
  readonly each?: (guest: GuestResult) => readonly string[];
  /** The command line to go on with, without the guests' names. */
  readonly command?: string;
}

/** After guests were looked at: when they can be converted. */
const LOOKED_AT: readonly Group[] = [
  {
    title:
      'Ready now (those that run take their new disks up at the next power-off; --restart graceful does it at once):',
    has: ({ ready }) => ready === 'now',
    command: 'convert',
  },
  {
    title: 'Ready with a restart (proven while they are off, else started again as they were):',
    has: ({ ready }) => ready === 'with-restart',
    command: 'convert --restart graceful',
  },
  { title: 'Do this first:', has: ({ ready }) => ready === 'not-yet', each: hintsOf, command: 'preflight' },
];

const NEEDS_ATTENTION: Group = {
  title: 'Needs attention now:',
  has: ({ outcome }) => outcome === 'needs-attention',
  each: whatHappened,
};

/** Not where nothing at all was begun: then nobody wanted it. */
const wasSkipped = ({ outcome, warnings }: GuestResult, all: readonly GuestResult[]): boolean =>
  outcome === 'skipped' && warnings.every(({ code }) => code !== 'waived') && all.some(wasBegun);

const wasBegun = ({ outcome }: GuestResult): boolean =>
  ['converted', 'rolled-back', 'failed', 'needs-attention'].includes(outcome);

/** After guests were converted: what is left to do. */
const CONVERTED: readonly Group[] = [
  NEEDS_ATTENTION,
  {
    title: 'Rolled back (did not come up with virtio disks, came up again with the old ones). See why, then try again:',
    has: ({ outcome }) => outcome === 'rolled-back',
    each: whatHappened,
    command: 'preflight',
  },
  {
    title: 'Failed (as it was before). Mend this, then try again:',
    has: ({ outcome }) => outcome === 'failed',
    each: whatHappened,
    command: 'convert',
  },
  {
    title: 'Refused (not touched). Do this first:',
    has: ({ outcome }) => outcome === 'refused',
    each: hintsOf,
    command: 'preflight',
  },
  {
    title: 'Not begun, for the run was stopped before. Once the others are seen to:',
    has: wasSkipped,
    command: 'convert',
  },
  {
    title: 'Restarted, but not seen to have come up. Look at each:',
    has: ({ outcome, restart }) => outcome === 'converted' && restart === 'unverified',
  },
  {
    title: 'Pending until it is powered off in full and started. To do that now:',
    has: ({ outcome, restart }) => outcome === 'converted' && restart === 'pending',
    command: 'convert --restart graceful',
  },
];

/** After conversions were undone: what is left to do. */
const UNDONE: readonly Group[] = [
  NEEDS_ATTENTION,
  {
    title: 'Failed (as it was before). Mend this, then try again:',
    has: ({ outcome }) => outcome === 'failed',
    each: whatHappened,
    command: 'rollback',
  },
  {
    title: 'Refused (not touched). Do this first:',
    has: ({ outcome }) => outcome === 'refused',
    each: hintsOf,
    command: 'rollback',
  },
  { title: 'Not begun, for the run was stopped before:', has: wasSkipped, command: 'rollback' },
];

/** The groups by what was done; none where there is nothing to go on with. */
const GROUPS = { preflight: LOOKED_AT, convert: CONVERTED, rollback: UNDONE } as const;

/** What to do next about guests that were looked at, or changed: in groups, each with its command line. */
export function renderNextSteps(
  guests: readonly GuestResult[],
  work: keyof typeof GROUPS,
  { connection, style }: { readonly connection: string; readonly style: ChalkInstance },
): string[] {
  return GROUPS[work].flatMap(({ title, has, each, command }) => {
    const those = guests.filter((guest) => has(guest, guests));
    if (those.length === 0) return [];
    const said = those.flatMap((guest) => {
      if (each === undefined) return command === undefined ? [`  ${printable(guest.name)}`] : [];
      return [`  ${printable(guest.name)}`, ...each(guest)];
    });
    return [style.bold(title), ...said, ...(command === undefined ? [] : [commandLine(command, those, connection)])];
  });
}

function commandLine(words: string, named: readonly GuestResult[], connection: string): string {
  const names = named.map(({ name }) => quoteForShell(name));
  const options = connection === USUAL_CONNECTION ? '' : `-c ${quoteForShell(connection)} `;
  // a name that begins with a dash is no option
  const end = named.some(({ name }) => name.startsWith('-')) ? '-- ' : '';
  return `  virtioize ${options}${words} ${end}${names.join(' ')}`;
}

function hintsOf({ refusals }: GuestResult): string[] {
  return [...new Set(refusals.map(({ code, hint }) => `    ${code}: ${printable(hint)}`))];
}

function whatHappened({ error, capture }: GuestResult): string[] {
  return [
    ...(error === undefined ? [] : [`    ${error.code}: ${printable(error.hint ?? error.message)}`]),
    ...(capture?.screenshot === undefined ? [] : [`    its screen: ${capture.screenshot}`]),
  ];
}
