import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { GuestResult } from '../conversion/result.ts';
import { VirtioizeError } from '../error.ts';
import type { CommandContext } from './command.ts';

export interface Question {
  /** What would be done, e.g. "Convert". */
  readonly verb: string;
  /** What would become of each guest. */
  readonly plans: readonly GuestResult[];
  readonly yes: boolean;
}

/**
 * Show what would be done, and have the admin confirm a change of more than one guest: by `--yes`, or by answering on a
 * terminal.
 * @returns whether to go ahead.
 * @throws VirtioizeError `usage` where there is neither.
 */
export async function confirmChange(
  { io, pauseProgress, interrupted, showPlan }: CommandContext,
  { verb, plans, yes }: Question,
): Promise<boolean> {
  const count = plans.filter(({ outcome }) => outcome === 'planned').length;
  if (plans.length > 1 && count > 0) await showPlan(plans, { isAsked: !yes });
  if (yes || count < 2) return true;
  if (io.stdin.isTTY !== true || io.stderr.isTTY !== true) {
    throw new VirtioizeError('usage', `${verb} ${count} guests without a terminal to ask at needs --yes.`, {
      hint: 'See what would be done with --dry-run, then add --yes.',
    });
  }
  pauseProgress();
  const reader = createInterface({ input: io.stdin, output: io.stderr });
  reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT')); // the terminal is in raw mode: no signal comes by itself
  const ended = once(reader, 'close').then(() => '');
  try {
    const question = `${verb} ${count} guests? [y/N] `;
    const answer = await Promise.race([reader.question(question, { signal: interrupted }), ended]);
    return /^y(?:es)?$/i.test(answer.trim());
  } catch {
    return false; // interrupted
  } finally {
    reader.close();
  }
}
