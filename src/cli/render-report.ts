import type { VirtioizeError } from '../error.ts';
import type { Format } from './options.ts';
import type { RunReport } from './report.ts';

export interface RenderOptions {
  /** virtioize's own. */
  readonly version: string;
  /** Why the reports of the host could not be written; for a format that has room for one line only. */
  readonly trouble?: VirtioizeError | undefined;
}

/** A report in a format for programs. Views are loaded only where they are needed. */
export async function renderReport(
  report: RunReport,
  format: Exclude<Format, 'text'>,
  { version, trouble }: RenderOptions,
): Promise<string> {
  switch (format) {
    case 'json':
      return (await import('./views/json.ts')).renderJson(report);
    case 'ndjson':
      return (await import('./views/json.ts')).renderSummaryLine(report);
    case 'nagios':
      return (await import('./views/nagios.ts')).renderNagios(report, trouble);
    case 'prometheus':
      return (await import('./views/prometheus.ts')).renderPrometheus(report, version);
    case 'html':
      return (await import('./views/html/render-html.ts')).renderHtml(report, version);
  }
}

/** A run that could not be done, on stdout; undefined in formats that leave that to stderr. */
export async function renderError(
  command: string,
  error: VirtioizeError,
  format: string | undefined,
): Promise<string | undefined> {
  if (format === 'nagios') return (await import('./views/nagios.ts')).renderNagiosError(error);
  if (format !== 'json' && format !== 'ndjson') return undefined;
  return (await import('./views/json.ts')).renderJsonError(command, error, format);
}
