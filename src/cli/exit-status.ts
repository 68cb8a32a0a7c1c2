import { EXIT_STATUS, type VirtioizeError } from '../error.ts';
import { judgeForMonitoring, MONITORING_STATUS } from './monitoring-state.ts';
import type { Format } from './options.ts';
import type { RunReport } from './report.ts';

/** Commands for which a guest that does not meet what was asked is a 2. */
const JUDGING = new Set(['convert', 'preflight', 'prime', 'rehearse', 'rollback']);

/** Outcomes of `check` that are no breach. */
const KEPT = new Set(['compliant', 'skipped']);

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
  return command === 'check' && guests.some(({ outcome }) => !KEPT.has(outcome)) ? 2 : 0;
}

/**
 * The status that the process ends with, for a report that was printed in some format.
 * @param trouble what went wrong after all guests were looked at.
 */
export function formatStatus(report: RunReport, format: Format, trouble?: VirtioizeError): number {
  if (format === 'nagios') return MONITORING_STATUS[judgeForMonitoring(report, trouble)];
  return trouble === undefined ? exitStatus(report) : EXIT_STATUS[trouble.code];
}

/** The status of a run that could not be done: to a monitoring system, nothing is known then. */
export function errorStatus({ code }: VirtioizeError, format: string | undefined): number {
  return format === 'nagios' ? MONITORING_STATUS.UNKNOWN : EXIT_STATUS[code];
}
