import type { VirtioizeError } from '../error.ts';
import { countCompliances } from './compliance-counts.ts';
import type { RunReport } from './report.ts';

/** The exit statuses of monitoring plugins (monitoring-plugins.org, development guidelines). */
export const MONITORING_STATUS = { OK: 0, WARNING: 1, CRITICAL: 2, UNKNOWN: 3 } as const;
export type MonitoringState = keyof typeof MONITORING_STATUS;

/**
 * What a check comes to for monitoring. What is known to be wrong goes before what could not be found out, and that
 * before what only waits.
 * @param trouble why the reports of the host could not be written.
 */
export function judgeForMonitoring({ guests, unfinished }: RunReport, trouble?: VirtioizeError): MonitoringState {
  const { noncompliant, unreadable, pending } = countCompliances(guests);
  const needsPerson = guests.some(({ outcome }) => outcome === 'needs-attention');
  if (noncompliant > 0 || unfinished.length > 0 || needsPerson) return 'CRITICAL';
  if (unreadable > 0 || trouble !== undefined) return 'UNKNOWN';
  return pending > 0 ? 'WARNING' : 'OK';
}
