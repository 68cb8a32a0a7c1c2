import { Gauge, Registry } from 'prom-client';
import { COMPLIANCES } from '../../compliance/guest-compliance.ts';
import type { RuleResult } from '../../compliance/rule-result.ts';
import { countCompliances, failsRule } from '../compliance-counts.ts';
import type { RunReport } from '../report.ts';
import { printable } from './printable.ts';

/** The result of a check for Prometheus: text format, for node_exporter's textfile collector; no sample has a time. */
export async function renderPrometheus(report: RunReport, version: string): Promise<string> {
  const registers = [new Registry()];
  tellHost(report, version, registers);
  tellGuests(report, registers);
  return (await registers[0]?.metrics()) ?? '';
}

function tellHost({ guests, waivers = [], unfinished, finishedAt }: RunReport, version: string, registers: Registry[]) {
  const tell = (name: string, help: string, value: number): void =>
    new Gauge({ name: `virtioize_${name}`, help, registers }).set(value);
  new Gauge({ name: 'virtioize_info', help: 'The virtioize that checked.', labelNames: ['version'], registers }).set(
    { version },
    1,
  );
  tell(
    'check_timestamp_seconds',
    'When the guests were checked, in seconds since 1970.',
    Math.floor(Date.parse(finishedAt) / 1000),
  );
  const counts = countCompliances(guests);
  const gauge = new Gauge({
    name: 'virtioize_guests',
    help: 'Guests by how they stand; each is in one of these.',
    labelNames: ['compliance'],
    registers,
  });
  for (const compliance of COMPLIANCES) gauge.set({ compliance }, counts[compliance]);
  tell('waivers', 'Waivers that count.', waivers.filter(({ isExpired }) => !isExpired).length);
  tell(
    'waivers_expired',
    'Waivers that have expired and count as none.',
    waivers.filter((one) => one.isExpired).length,
  );
  tell('interrupted_changes', 'Changes of guests that an interrupted run left unfinished.', unfinished.length);
}

function tellGuests({ guests, finishedAt }: RunReport, registers: Registry[]): void {
  const failed = new Gauge({
    name: 'virtioize_guest_rule_failed',
    help: 'Whether a guest breaks a rule that nobody has waived; absent where that could not be found out.',
    labelNames: ['guest', 'uuid', 'rule'],
    registers,
  });
  const pending = new Gauge({
    name: 'virtioize_pending_seconds',
    help: 'For how long a converted guest has been waiting for its restart, where that is known.',
    labelNames: ['guest', 'uuid'],
    registers,
  });
  for (const guest of guests) {
    const labels = { guest: printable(guest.name), uuid: guest.uuid };
    for (const { rule, result, since } of guest.compliance ?? []) {
      if (isKnown(result)) failed.set({ ...labels, rule }, failsRule(guest, rule) ? 1 : 0);
      const seconds = since === undefined ? Number.NaN : (Date.parse(finishedAt) - Date.parse(since)) / 1000;
      if (rule === 'VIO-002' && seconds >= 0) pending.set(labels, Math.floor(seconds));
    }
  }
}

function isKnown(result: RuleResult['result']): boolean {
  return result !== 'error' && result !== 'unknown';
}
