import type { ChalkInstance } from 'chalk';
import type { GuestResult, Readiness } from '../../conversion/result.ts';
import { printable } from './printable.ts';
import { quoteForShell } from './quote-for-shell.ts';

export const USUAL_CONNECTION = 'qemu:///system';

/** What to do next about guests that were looked at, in groups, each with its command line. */
export function renderNextSteps(guests: readonly GuestResult[], connection: string, style: ChalkInstance): string[] {
  const those = (ready: Readiness): GuestResult[] => guests.filter((guest) => guest.ready === ready);
  const command = (words: string, named: readonly GuestResult[]): string => {
    const names = named.map(({ name }) => quoteForShell(name));
    const options = connection === USUAL_CONNECTION ? '' : `-c ${quoteForShell(connection)} `;
    // a name that begins with a dash is no option
    const end = named.some(({ name }) => name.startsWith('-')) ? '-- ' : '';
    return `  virtioize ${options}${words} ${end}${names.join(' ')}`;
  };
  const [now, restart, first] = [those('now'), those('with-restart'), those('not-yet')];
  return [
    ...(now.length === 0
      ? []
      : [
          style.bold(
            'Ready now (those that run take their new disks up at the next power-off; --restart graceful does it at once):',
          ),
          command('convert', now),
        ]),
    ...(restart.length === 0
      ? []
      : [
          style.bold('Ready with a restart (proven while they are off, else started again as they were):'),
          command('convert --restart graceful', restart),
        ]),
    ...(first.length === 0
      ? []
      : [style.bold('Do this first:'), ...first.flatMap(firstSteps), command('preflight', first)]),
  ];
}

function firstSteps({ name, refusals }: GuestResult): string[] {
  return [`  ${printable(name)}`, ...[...new Set(refusals.map(({ code, hint }) => `    ${code}: ${printable(hint)}`))]];
}
