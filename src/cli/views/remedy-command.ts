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
  const options = connection === USUAL_CONNECTION ? '' : `-c ${quoteForShell(connection)} `;
  // a name that begins with a dash is no option
  return `virtioize ${options}${words} ${guest.startsWith('-') ? '-- ' : ''}${quoteForShell(guest)}`;
}
