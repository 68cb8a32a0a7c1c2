import writeFileAtomic from 'write-file-atomic';
import { systemErrorCode, VirtioizeError } from '../error.ts';
import type { Policy, ReportFormat } from '../policy/policy.ts';
import { type RenderOptions, renderReport } from './render-report.ts';
import type { RunReport } from './report.ts';

/** Others read what a collector or a web server passes on; the document says where backups lie. */
const MODES: Readonly<Record<ReportFormat, number>> = { json: 0o600, prometheus: 0o644, html: 0o644 };

/**
 * Write the reports that the policy asks for, each in one step: a reader sees the old file or the new one. All are
 * tried. The temporary name lies beside the file and ends in a number, so that no collector takes it for a report.
 * @returns what could not be written; the check's result holds all the same.
 */
export async function writeReports(
  report: RunReport,
  reports: Policy['reports'],
  options: RenderOptions,
): Promise<VirtioizeError | undefined> {
  const failures: string[] = [];
  for (const format of ['json', 'prometheus', 'html'] as const) {
    const path = reports[format];
    if (path === undefined) continue;
    const content = await renderReport(report, format, options);
    const failure = await writeReport(path, content, MODES[format]);
    if (failure !== undefined) failures.push(`${path} (${failure})`);
  }
  if (failures.length === 0) return undefined;
  return new VirtioizeError('report-unwritable', `Could not write the report ${failures.join(', ')}.`, {
    hint: "Mend the paths below 'reports' in the configuration, or what they lead to; the result of the check holds.",
  });
}

/** @returns why it could not be written */
async function writeReport(path: string, content: string, mode: number): Promise<string | undefined> {
  try {
    await writeFileAtomic(path, content, { mode });
    return undefined;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    return code;
  }
}
