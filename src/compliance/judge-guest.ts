import type { SourceDrift } from '../domain/live-source.ts';
import { RULE_IDS, type RuleId, type RuleResult } from './rule-result.ts';

/** What the rules look at in one guest that could be read. */
export interface GuestCondition {
  /** The disks of the persistent definition. */
  readonly disks: readonly {
    readonly target: string;
    readonly bus: string;
    readonly kind: 'emulated' | 'paravirtual' | 'pending' | 'other';
  }[];
  /** What runs, or would be resumed; `unreadable` where there is one that could not be looked at. */
  readonly instance: Instance | 'none' | 'unreadable';
  /** ISO 8601: since when its definition is converted and its instance is not, where that is known. */
  readonly pendingSince?: string;
}

export interface Instance {
  readonly kind: 'running' | 'saved';
  /** Its emulated disks. */
  readonly emulated: readonly { readonly target: string; readonly bus: string }[];
  /** Where it uses other images than the definition names. */
  readonly drift: readonly SourceDrift[];
}

/** What each rule says of one guest. */
export function judgeGuest(condition: GuestCondition): RuleResult[] {
  return [judgeBuses(condition), judgePending(condition), judgeSources(condition)];
}

/** The results of a guest that could not be read: no rule could be evaluated. */
export function judgeUnreadable(message: string): RuleResult[] {
  return RULE_IDS.map((rule) => ({ rule, result: 'error', message, disks: [] }));
}

function judgeBuses({ disks }: GuestCondition): RuleResult {
  const emulated = disks.filter(({ kind }) => kind === 'emulated');
  if (emulated.length === 0) return pass('VIO-001');
  return fail('VIO-001', targets(emulated), `Emulated: ${list(emulated)}.`);
}

function judgePending({ disks, instance, pendingSince }: GuestCondition): RuleResult {
  if (instance === 'none') return pass('VIO-002');
  if (instance === 'unreadable') return unknown('VIO-002');
  // A disk that is emulated in the definition as well is waiting for nothing yet: that is VIO-001.
  const notConverted = new Set(disks.filter(({ kind }) => kind === 'emulated').map(({ target }) => target));
  const pending = instance.emulated.filter(({ target }) => !notConverted.has(target));
  if (pending.length === 0) return pass('VIO-002');
  const message =
    instance.kind === 'running'
      ? `The running instance still has ${list(pending)}, until it is powered off in full and started again.`
      : `The saved instance still has ${list(pending)}: start the guest, and power it off in full.`;
  const failed = fail('VIO-002', targets(pending), message);
  return pendingSince === undefined ? failed : { ...failed, since: pendingSince };
}

function judgeSources({ instance }: GuestCondition): RuleResult {
  if (instance === 'none') return { rule: 'VIO-003', result: 'notapplicable', disks: [] };
  if (instance === 'unreadable') return unknown('VIO-003');
  if (instance.drift.length === 0) return pass('VIO-003');
  const found = instance.drift.map(
    ({ target, liveSource, persistentSource }) =>
      `'${target}' is on '${liveSource}', the definition names '${persistentSource}'`,
  );
  const first = instance.kind === 'saved' ? ' Start the saved guest before its images are adopted.' : '';
  return fail('VIO-003', targets(instance.drift), `${found.join('; ')}.${first}`);
}

function pass(rule: RuleId): RuleResult {
  return { rule, result: 'pass', disks: [] };
}

function fail(rule: RuleId, disks: readonly string[], message: string): RuleResult {
  return { rule, result: 'fail', message, disks };
}

function unknown(rule: RuleId): RuleResult {
  return { rule, result: 'unknown', message: 'Its running or saved instance could not be read.', disks: [] };
}

function targets(disks: readonly { readonly target: string }[]): string[] {
  return disks.map(({ target }) => target);
}

function list(disks: readonly { readonly target: string; readonly bus: string }[]): string {
  return disks.map(({ target, bus }) => `'${target}' on ${bus}`).join(', ');
}
