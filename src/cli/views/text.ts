import type { ChalkInstance } from 'chalk';
import type { Capture, DiskResult, GuestResult, Restart } from '../../conversion/result.ts';
import type { Warning } from '../../domain/finding.ts';
import type { LeveledText } from '../log-level.ts';
import { type RunReport, summarize } from '../report.ts';
import { renderCheck, renderTotals } from './check-list.ts';
import { guestLevel } from './guest-level.ts';
import { renderHistory } from './history-list.ts';
import { renderNextSteps } from './next-steps.ts';
import { printable } from './printable.ts';
import { quoteForShell } from './quote-for-shell.ts';
import { renderStatus } from './status-table.ts';

export interface TextOptions {
  readonly style: ChalkInstance;
  /** Say nothing of guests that are as they should be. */
  readonly quiet: boolean;
  /** Show evidence and facts in full. */
  readonly verbose: boolean;
}

/** The result of a run, for people, a piece a guest. Empty where `quiet` and nothing to report. */
export function renderText(report: RunReport, options: TextOptions): readonly LeveledText[] {
  const { quiet } = options;
  const parts = [
    ...report.unfinished.map(({ guest, since }) => ({
      text: options.style.red(
        `Interrupted: a change of '${printable(guest.name)}' begun at ${since} was not finished; 'virtioize recover' brings it to an end.`,
      ),
      level: 'error' as const,
    })),
    ...report.recovered.map((guest) => ({
      text: renderRecovered(guest, options),
      level: guest.outcome === 'needs-attention' ? ('error' as const) : ('warning' as const),
    })),
    ...(report.history === undefined ? renderGuests(report, options) : [info(renderHistory(report.history, options))]),
  ];
  if (parts.length === 0 && quiet) return [];
  if (report.history !== undefined) return parts;
  const summary =
    report.command === 'check' ? [renderTotals(report)] : [...nextSteps(report, options), renderSummary(report)];
  return [...parts, ...summary.map(info)];
}

function info(text: string): LeveledText {
  return { text, level: 'info' };
}

/** Of several guests, what to do next stands together at the end. */
function nextSteps(
  { command, dryRun, guests: all, connection, nothingNew }: RunReport,
  { style }: TextOptions,
): string[] {
  if (all.length < 2) return [];
  const guests = all.filter(({ uuid }) => nothingNew?.has(uuid) !== true);
  if (command === 'preflight' || command === 'rehearse' || (command === 'convert' && dryRun))
    return renderNextSteps(guests, 'preflight', { connection, style });
  return (command === 'convert' || command === 'rollback') && !dryRun
    ? renderNextSteps(guests, command, { connection, style })
    : [];
}

function renderGuests(report: RunReport, options: TextOptions): LeveledText[] {
  const { guests, command } = report;
  if (command === 'status') return renderStatus(guests, options).map(info);
  if (command === 'check') return renderCheck(report, options);
  return guests
    .filter((guest) => isTold(guest, report, options))
    .map((guest) => ({ text: renderGuest(guest, report, options), level: guestLevel(guest, command) }));
}

function isTold({ uuid, outcome, restart }: GuestResult, { nothingNew }: RunReport, { quiet }: TextOptions): boolean {
  if (nothingNew !== undefined) return !nothingNew.has(uuid);
  if (!quiet) return true;
  if (outcome === 'converted') return restart === 'pending' || restart === 'unverified';
  return outcome !== 'compliant' && outcome !== 'planned';
}

/** One guest, a headline and what belongs to it below. */
function renderGuest(guest: GuestResult, { command, dryRun }: RunReport, { style, verbose }: TextOptions): string {
  const lines = [`${style.bold(printable(guest.name))}: ${headline(guest, command, style)}`];
  for (const { from, to, source, dropped } of guest.disks.filter((disk) => isOther(disk, command))) {
    const lost = dropped.length > 0 ? ` (without ${dropped.join(', ')})` : '';
    lines.push(`  ${from.target} on ${from.bus} -> ${to.target} on ${to.bus}   ${printable(source)}${lost}`);
  }
  for (const { code, message, hint } of guest.refusals) {
    lines.push(`  ${style.red(code)}  ${printable(message)}`, `    ${style.dim(`-> ${printable(hint)}`)}`);
  }
  if (guest.error !== undefined) {
    lines.push(`  ${style.red(guest.error.code)}  ${printable(guest.error.message)}`);
    if (guest.error.hint !== undefined) lines.push(`    ${style.dim(`-> ${printable(guest.error.hint)}`)}`);
  }
  lines.push(...captureLines(guest.capture));
  for (const { code, message } of mergeWarnings(guest.warnings))
    lines.push(`  ${style.yellow(code)}  ${printable(message)}`);
  for (const { source, verdict, summary, facts, stale } of guest.evidence) {
    lines.push(`  evidence (${source}${stale === true ? ', stale' : ''}): ${verdict}. ${printable(summary)}`);
    if (verbose || command === 'preflight' || command === 'rehearse') {
      for (const [fact, value] of Object.entries(facts)) lines.push(`    ${printable(fact)}: ${printable(value)}`);
    }
  }
  const diff = dryRun || verbose ? guest.diff?.() : undefined;
  if (diff) lines.push('', ...renderDiff(diff, style), '');
  if (guest.restart === 'pending' && guest.outcome === 'converted') {
    lines.push(
      `  Takes effect when the guest is powered off in full and started again; a reboot from inside is not enough.`,
    );
  }
  if (guest.outcome === 'converted' && guest.conversionId !== undefined && command === 'convert') {
    const restarting = guest.restart === 'verified' || guest.restart === 'unverified' ? ' --restart graceful' : '';
    lines.push(style.dim(`  Undo with: virtioize rollback ${quoteForShell(guest.name)}${restarting}`));
  }
  return lines.join('\n');
}

/** Whether a disk is, or would be, another than before. */
function isOther({ outcome }: DiskResult, command: string): boolean {
  return outcome === 'planned' || outcome === 'converted' || (outcome === 'rolled-back' && command === 'rollback');
}

function captureLines({ screenshot, console }: Capture = {}): string[] {
  return [
    ...(screenshot === undefined ? [] : [`  its screen, when it was given up: ${screenshot}`]),
    ...(console === undefined ? [] : [`  the end of its console: ${console}`]),
  ];
}

/** Names that are kept are told once for all disks of a guest: the rest of the sentence is the same. */
function mergeWarnings(warnings: readonly Warning[]): Warning[] {
  const [first, ...more] = warnings.filter(({ code }) => code === 'name-kept');
  if (first === undefined || more.length === 0) return [...warnings];
  const others = more.map(({ disk }) => `'${disk}'`).join(', ');
  const merged = { ...first, message: `${first.message} Likewise ${others}.` };
  return [...warnings.filter(({ code }) => code !== 'name-kept'), merged];
}

function headline({ outcome, restart, state }: GuestResult, command: string, style: ChalkInstance): string {
  const running = state === '' ? '' : ` (${state})`;
  switch (outcome) {
    case 'compliant':
      return `${style.green(command === 'rollback' ? 'nothing to undo' : 'compliant')}${running}, ${command === 'rollback' ? 'no conversion of it stands' : 'nothing to do'}`;
    case 'planned':
      return `${style.green('ready')}${running}, these disks would change`;
    case 'converted':
      return `${style.green('converted')}${restartWords(restart, style)}${running}`;
    case 'rolled-back':
      return command === 'rollback'
        ? `${style.green('rolled back')}${restartWords(restart, style)}${running}`
        : `${style.yellow('rolled back')}${running}, it did not come up; it is as it was, and came up again`;
    case 'refused':
      return `${style.red('refused')}${running}, it was not touched`;
    case 'failed':
      return `${style.red('failed')}${running}, it is as it was`;
    case 'needs-attention':
      return style.red.bold('needs attention');
    case 'skipped':
      return `skipped${running}`;
  }
}

function restartWords(restart: Restart | undefined, style: ChalkInstance): string {
  if (restart === 'pending') return `, ${style.yellow('pending')}`;
  if (restart === 'verified') return ', restarted, and it came up';
  return restart === 'unverified' ? `, restarted, ${style.yellow('not seen to have come up')}` : '';
}

function renderRecovered(guest: GuestResult, { style }: TextOptions): string {
  const { outcome, error, warnings, capture } = guest;
  const name = printable(guest.name);
  const message = printable(error?.message ?? '');
  const title = outcome === 'needs-attention' ? style.red.bold(`Needs attention: ${name}`) : `Recovered ${name}`;
  const told =
    message === ''
      ? `its interrupted change was complete and has been closed (${outcome}${restartWords(guest.restart, style)}).`
      : `${outcome === 'failed' || outcome === 'needs-attention' ? '' : `${outcome}. `}${message}`;
  return [
    `${title}: ${told}`,
    ...(outcome === 'needs-attention' && error?.hint !== undefined ? [`    -> ${printable(error.hint)}`] : []),
    ...warnings.map(({ code, message: text }) => `  ${style.yellow(code)}  ${printable(text)}`),
    ...captureLines(capture),
  ].join('\n');
}

function renderDiff(diff: string, style: ChalkInstance): string[] {
  return diff
    .trimEnd()
    .split('\n')
    .map((line) => {
      const text = `  ${printable(line)}`;
      if (line.startsWith('+')) return style.green(text);
      return line.startsWith('-') ? style.red(text) : text;
    });
}

function renderSummary({ guests, command, dryRun, nothingNew }: RunReport): string {
  const { selected, ...outcomes } = summarize(guests);
  const count = (wanted: Restart): number =>
    guests.filter(({ outcome, restart }) => outcome === 'converted' && restart === wanted).length;
  const notes = (['pending', 'unverified'] as const).flatMap((wanted) =>
    count(wanted) > 0 ? [`${count(wanted)} ${wanted}`] : [],
  );
  const parts = Object.entries(outcomes).map(([outcome, number]) => {
    const word = outcome === 'planned' ? (command === 'status' ? 'convertible' : 'ready') : outcome;
    return `${number} ${word}${outcome === 'converted' && notes.length > 0 ? ` (${notes.join(', ')})` : ''}`;
  });
  const total = `${selected} ${selected === 1 ? 'guest' : 'guests'}`;
  const silent = nothingNew === undefined || nothingNew.size === 0 ? '' : ` (nothing new of ${nothingNew.size})`;
  return `${[total, ...parts].join(', ')}${dryRun ? ' (dry run: nothing was changed)' : ''}${silent}`;
}
