import type { GuestResult } from '../../conversion/result.ts';
import type { VirtioizeError } from '../../error.ts';
import type { ConfigReport } from '../commands/config-validate.ts';
import type { Format } from '../options.ts';
import { type RunReport, summarize } from '../report.ts';

const FORMAT_VERSION = 1;

/** The one document of `--format json` (docs/output.schema.json). */
export function renderJson(report: RunReport): string {
  return `${JSON.stringify(document(report), null, 2)}\n`;
}

/** The last line of `--format ndjson`: the same without the guests, which were told one by one. */
export function renderSummaryLine(report: RunReport): string {
  const { guests: _, ...rest } = document(report);
  return line({ event: 'summary', ...rest });
}

/** One line of `--format ndjson` about a guest that is done. */
export function renderGuestLine(guest: GuestResult): string {
  return line({ event: 'guest', guest: guestDocument(guest) });
}

/** One line of `--format ndjson` about a step. */
export function renderStepLine(event: { guest: string; step: string }): string {
  return line({ event: 'step', at: new Date().toISOString(), ...event });
}

/** The document about a configuration that is right. */
export function renderConfigJson(command: string, { file, config }: ConfigReport, format: Format): string {
  const told = { formatVersion: FORMAT_VERSION, command, file, config };
  return format === 'ndjson' ? line(told) : `${JSON.stringify(told, null, 2)}\n`;
}

/** The document of a run that could not be done. */
export function renderJsonError(
  command: string,
  error: Pick<VirtioizeError, 'code' | 'message' | 'hint' | 'problems'>,
  format: 'json' | 'ndjson',
): string {
  const { code, message, hint, problems } = error;
  const failed = {
    formatVersion: FORMAT_VERSION,
    command,
    error: {
      code,
      message,
      ...(problems.length === 0 ? {} : { problems }),
      ...(hint === undefined ? {} : { hint }),
    },
  };
  return format === 'json' ? `${JSON.stringify(failed, null, 2)}\n` : line({ event: 'error', ...failed });
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

function document(report: RunReport): Record<string, unknown> {
  const { command, connection, host, dryRun, startedAt, finishedAt, guests, recovered, unfinished } = report;
  const { history, waivers, trend } = report;
  return {
    formatVersion: FORMAT_VERSION,
    command,
    connection,
    host,
    dryRun,
    startedAt,
    finishedAt,
    summary: summarize(guests),
    guests: guests.map(guestDocument),
    recovered: recovered.map(guestDocument),
    unfinished: unfinished.map(({ id, guest, since }) => ({ conversionId: id, guest, since })),
    ...(history === undefined ? {} : { history }),
    ...(waivers === undefined ? {} : { waivers }),
    ...(trend === undefined ? {} : { trend }),
  };
}

function guestDocument(guest: GuestResult): Record<string, unknown> {
  const { inventory, diff, ...result } = guest;
  const text = diff?.();
  return {
    ...result,
    ...(text ? { diff: text } : {}),
    targetState: guest.state,
    ...(inventory === undefined ? {} : { inventory }),
  };
}
