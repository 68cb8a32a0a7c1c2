import type { ChalkInstance } from 'chalk';
import { COMPLIANCES, isFailure } from '../../compliance/guest-compliance.ts';
import type { RuleResult, WaiverStatus } from '../../compliance/rule-result.ts';
import { RULES } from '../../compliance/rules.ts';
import type { GuestResult } from '../../conversion/result.ts';
import { complianceOf, countCompliances, hindrances, needsWork } from '../compliance-counts.ts';
import type { LeveledText } from '../log-level.ts';
import type { RunReport } from '../report.ts';
import { COMPLIANCE_WORDS } from './compliance-words.ts';
import { durationWords } from './duration-words.ts';
import { guestLevel } from './guest-level.ts';
import { printable } from './printable.ts';
import { remedyCommand } from './remedy-command.ts';

interface CheckOptions {
  readonly style: ChalkInstance;
  readonly quiet: boolean;
  /** Tell also why there is a rule. */
  readonly verbose: boolean;
}

/** What is wrong with guests, what is waived, and which waivers have expired. Empty where `quiet` and nothing is wrong. */
export function renderCheck(report: RunReport, options: CheckOptions): LeveledText[] {
  const { guests, waivers = [] } = report;
  const { style } = options;
  const wrong = guests.filter(needsWork);
  if (options.quiet && wrong.length === 0) return [];
  return [
    ...wrong.map((guest) => ({ text: renderGuest(guest, report, options), level: guestLevel(guest, 'check') })),
    ...section(style, 'Waived:', guests.flatMap(waivedLines)).map((text) => ({ text, level: 'info' as const })),
    ...section(
      style,
      'Waivers that have expired, and count as none:',
      waivers.filter(({ isExpired }) => isExpired).map(expiredLine),
    ).map((text) => ({ text, level: 'warning' as const })),
  ];
}

/** E.g. `12 guests: 9 compliant, 1 waived, 2 not compliant`. */
export function renderTotals({ guests }: RunReport): string {
  const counts = countCompliances(guests);
  const parts = COMPLIANCES.flatMap((word) => (counts[word] > 0 ? [`${counts[word]} ${COMPLIANCE_WORDS[word]}`] : []));
  const total = `${guests.length} ${guests.length === 1 ? 'guest' : 'guests'}`;
  return parts.length === 0 ? total : `${total}: ${parts.join(', ')}`;
}

function renderGuest(guest: GuestResult, report: RunReport, options: CheckOptions): string {
  const { style } = options;
  const { name, state, compliance = [], error } = guest;
  const word = complianceOf(guest);
  const color = word === 'pending' ? style.yellow : style.red;
  const lines = [
    `${style.bold(printable(name))}: ${color(COMPLIANCE_WORDS[word])}${state === '' ? '' : ` (${state})`}`,
  ];
  if (error !== undefined) {
    lines.push(`  ${style.red(error.code)}  ${printable(error.message)}`);
    if (error.hint !== undefined) lines.push(`    ${style.dim(`-> ${printable(error.hint)}`)}`);
  }
  for (const result of compliance.filter(isFailure)) lines.push(...ruleLines(result, guest, report, options));
  return lines.join('\n');
}

function ruleLines(
  { rule, message = '', since }: RuleResult,
  guest: GuestResult,
  { connection, finishedAt }: RunReport,
  { style, verbose }: CheckOptions,
): string[] {
  const { name: ruleName, severity, rationale } = RULES[rule];
  const age = since === undefined ? '' : ` Pending for ${durationWords(Date.parse(finishedAt) - Date.parse(since))}.`;
  const inTheWay = [...new Set(hindrances(guest).map(({ code }) => code))];
  return [
    `  ${style.red(`${rule} ${ruleName}`)} (${severity})  ${printable(message)}${age}`,
    ...(verbose ? [`    ${rationale}`] : []),
    ...(rule === 'VIO-001' && inTheWay.length > 0 ? [`    in the way: ${inTheWay.join(', ')}`] : []),
    `    ${style.dim(`-> ${remedyCommand(RULES[rule], guest.name, connection)}`)}`,
  ];
}

function section(style: ChalkInstance, title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [style.bold(title), ...lines];
}

function waivedLines({ name, compliance = [] }: GuestResult): string[] {
  return compliance.flatMap(({ rule, waiver }) =>
    waiver === undefined
      ? []
      : [`  ${printable(name)}: ${rule} ${RULES[rule].name}, until ${waiver.expires}: ${printable(waiver.reason)}`],
  );
}

function expiredLine({ guests, rules, reason, expires }: WaiverStatus): string {
  return `  ${guests.map(printable).join(', ')}: ${rules.join(', ')}, expired on ${expires}: ${printable(reason)}`;
}
