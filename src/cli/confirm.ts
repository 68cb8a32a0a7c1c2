import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { VirtioizeError } from '../error.ts';
import type { CommandContext } from './command.ts';
import { printable } from './views/printable.ts';

export interface Question {
  /** What would be done, e.g. "Convert". */
  readonly verb: string;
  readonly names: readonly string[];
  readonly yes: boolean;
}

const SHOWN_NAMES = 20;

/**
 * Have the admin confirm a change of more than one guest: by `--yes`, or by answering on a terminal.
 * @returns whether to go ahead.
 * @throws VirtioizeError `usage` where there is neither.
 */
export async function confirmChange(
  { io, pauseProgress, interrupted }: CommandContext,
  { verb, names, yes }: Question,
): Promise<boolean> {
  if (yes || names.length < 2) return true;
  if (io.stdin.isTTY !== true || io.stderr.isTTY !== true) {
    throw new VirtioizeError('usage', `${verb} ${names.length} guests without a terminal to ask at needs --yes.`, {
      hint: 'See what would be done with --dry-run, then add --yes.',
    });
  }
  pauseProgress();
  const shown = names.slice(0, SHOWN_NAMES).map(printable).join(', ');
  const more = names.length > SHOWN_NAMES ? ` and ${names.length - SHOWN_NAMES} more` : '';
  const reader = createInterface({ input: io.stdin, output: io.stderr });
  reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT')); // the terminal is in raw mode: no signal comes by itself
  const ended = once(reader, 'close').then(() => '');
  try {
    const question = `${verb} ${names.length} guests (${shown}${more})? [y/N] `;
    const answer = await Promise.race([reader.question(question, { signal: interrupted }), ended]);
    return /^y(?:es)?$/i.test(answer.trim());
  } catch {
    return false; // interrupted
  } finally {
    reader.close();
  }
}
