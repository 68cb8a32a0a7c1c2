import type { Rule } from '../../compliance/rules.ts';
import { USUAL_CONNECTION } from './next-steps.ts';
import { quoteForShell } from './quote-for-shell.ts';

/** What brings a guest to keep a rule, as a command line to copy. */
export function remedyCommand({ remedy }: Rule, guest: string, connection: string): string {
  const words = remedy
    .replace(/ GUEST$/, '')
    .split(' ')
    .slice(1)
    .join(' ');
  // a name that begins with a dash is no option
  return `${virtioizeAt(connection)} ${words} ${guest.startsWith('-') ? '-- ' : ''}${quoteForShell(guest)}`;
}

/** What brings to an end what an interrupted run left, as a command line to copy. */
export function recoverCommand(connection: string): string {
  return `${virtioizeAt(connection)} recover`;
}

function virtioizeAt(connection: string): string {
  return connection === USUAL_CONNECTION ? 'virtioize' : `virtioize -c ${quoteForShell(connection)}`;
}
