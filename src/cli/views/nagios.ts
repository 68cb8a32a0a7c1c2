import type { GuestResult } from '../../conversion/result.ts';
import type { VirtioizeError } from '../../error.ts';
import { complianceOf, countCompliances, failsRule } from '../compliance-counts.ts';
import { judgeForMonitoring } from '../monitoring-state.ts';
import type { RunReport } from '../report.ts';
import { printable } from './printable.ts';

/**
 * The one line of a monitoring plugin: state, what is wrong, and after a `|` the counts with their thresholds
 * (monitoring-plugins.org, development guidelines).
 * @param trouble why the reports of the host could not be written.
 */
export function renderNagios(report: RunReport, trouble?: VirtioizeError): string {
  const parts = [...faults(report), ...(trouble === undefined ? [] : [oneLine(trouble.message)])];
  const told = parts.length > 0 ? parts.join('; ') : allIsWell(report.guests);
  return `VIRTIOIZE ${judgeForMonitoring(report, trouble)} - ${told} | ${counts(report).join(' ')}\n`;
}

/** The line of a check that could not be done. */
export function renderNagiosError({ message, hint }: Pick<VirtioizeError, 'message' | 'hint'>): string {
  return `VIRTIOIZE UNKNOWN - ${oneLine(hint === undefined ? message : `${message} ${hint}`)}\n`;
}

function faults({ guests, unfinished }: RunReport): string[] {
  const those = (word: ReturnType<typeof complianceOf>): GuestResult[] =>
    guests.filter((guest) => complianceOf(guest) === word);
  const [broken, unreadable, pending] = [those('noncompliant'), those('unreadable'), those('pending')];
  const interrupted = unfinished.map(({ guest }) => oneLine(guest.name, NAME_LENGTH));
  return [
    ...(interrupted.length === 0 ? [] : [`interrupted: ${few(interrupted)} (virtioize recover)`]),
    ...(broken.length === 0
      ? []
      : [`${broken.length} of ${count(guests.length)} not compliant: ${few(broken.map(nameWithRules))}`]),
    ...(unreadable.length === 0 ? [] : [`${unreadable.length} not to be judged: ${few(unreadable.map(nameOf))}`]),
    ...(pending.length === 0 ? [] : [`${pending.length} pending a restart: ${few(pending.map(nameOf))}`]),
  ];
}

function allIsWell(guests: readonly GuestResult[]): string {
  const { compliant, waived } = countCompliances(guests);
  return waived === 0
    ? `${count(guests.length)}, all compliant`
    : `${count(guests.length)}, ${compliant} compliant, ${waived} waived`;
}

/** label=value;warning;critical;minimum;maximum */
function counts({ guests, unfinished, waivers = [] }: RunReport): string[] {
  const all = guests.length;
  const { noncompliant, pending, unreadable, waived } = countCompliances(guests);
  return [
    `guests=${all};;;0`,
    `noncompliant=${noncompliant};;0;0;${all}`,
    `drift=${guests.filter((guest) => failsRule(guest, 'VIO-003')).length};;0;0;${all}`,
    `pending=${pending};0;;0;${all}`,
    `unreadable=${unreadable};;;0;${all}`,
    `waived=${waived};;;0;${all}`,
    `waivers_expired=${waivers.filter(({ isExpired }) => isExpired).length};;;0;${waivers.length}`,
    `interrupted=${unfinished.length};;0;0`,
  ];
}

function nameWithRules(guest: GuestResult): string {
  const rules = (guest.compliance ?? []).map(({ rule }) => rule).filter((rule) => failsRule(guest, rule));
  return `${nameOf(guest)} (${rules.join(', ')})`;
}

function nameOf({ name }: GuestResult): string {
  return oneLine(name, NAME_LENGTH);
}

const NAME_LENGTH = 60;
const TEXT_LENGTH = 400;

/** Nothing in it that would begin another line, or the counts. */
function oneLine(text: string, length = TEXT_LENGTH): string {
  const safe = printable(text).replaceAll('|', '\\u007c');
  const characters = Array.from(safe);
  return characters.length > length ? `${characters.slice(0, length - 1).join('')}…` : safe;
}

const SHOWN = 5;

function few(names: readonly string[]): string {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return `${names.slice(0, SHOWN).join(', ')}${more}`;
}

function count(guests: number): string {
  return `${guests} ${guests === 1 ? 'guest' : 'guests'}`;
}
