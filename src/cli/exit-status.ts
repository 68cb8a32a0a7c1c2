import type { RunReport } from './report.ts';

/** Commands for which a guest that does not meet what was asked is a 2. */
const JUDGING = new Set(['convert', 'preflight', 'rollback']);

/**
 * The exit status of a run that went through: the worst of its guests, in the order 3, 1, 2, 0. What a changing run
 * recovered on its way is told but does not count, unless it still needs a person.
 */
export function exitStatus({ command, guests, recovered, unfinished }: RunReport): number {
  const has = (...outcomes: string[]): boolean => guests.some(({ outcome }) => outcomes.includes(outcome));
  if (has('needs-attention') || unfinished.length > 0) return 3;
  if (recovered.some(({ outcome }) => outcome === 'needs-attention')) return 3;
  if (command !== 'recover' && (has('failed') || (has('rolled-back') && command !== 'rollback'))) return 1;
  if (JUDGING.has(command) && has('refused')) return 2;
  return 0;
}
