import { printable } from './printable.ts';

/** A name as a word of a command line to copy: bare where it needs no quotes in a POSIX shell. */
export function quoteForShell(name: string): string {
  const shown = printable(name);
  return /^[\w@%+=:,./-]+$/.test(shown) && !shown.startsWith('-') ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}
