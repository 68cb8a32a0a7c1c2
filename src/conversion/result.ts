import type { RuleResult } from '../compliance/rule-result.ts';
import type { Refusal, Warning } from '../domain/finding.ts';
import type { DiskChange } from '../domain/rewrite.ts';
import type { Evidence } from '../preflight/evidence.ts';

/** How it ended for a guest. The JSON Schema lists the same words. */
export type Outcome =
  | 'compliant'
  | 'planned'
  | 'converted'
  | 'refused'
  | 'failed'
  | 'rolled-back'
  | 'needs-attention'
  | 'skipped';

/**
 * Whether a changed guest already runs with its new definition: it was off; it still runs with the old one; it was
 * restarted and came up; it was restarted and works, but could not be seen to have come up. Of a planned guest:
 * what it would be without a restart; absent where it is going to be restarted.
 */
export type Restart = 'not-needed' | 'pending' | 'verified' | 'unverified';

/**
 * When a guest can be converted: as it stands; with a restart, for what is not proven yet can be once it is off; or only
 * after something was done about it.
 */
export type Readiness = 'now' | 'with-restart' | 'not-yet';

/** What became of one disk. */
export interface DiskResult extends DiskChange {
  readonly outcome: 'planned' | 'converted' | 'unchanged' | 'rolled-back';
}

/** What became of one guest: the one result that every view renders. */
export interface GuestResult {
  readonly name: string;
  readonly uuid: string;
  /** libvirt's word for what it does now. */
  readonly state: string;
  readonly outcome: Outcome;
  readonly restart?: Restart;
  /** Of a guest that was only looked at: when it can be converted. */
  readonly ready?: Readiness;
  readonly conversionId?: string;
  /** Why it failed or needs attention: what happened, and what to do next. */
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly Warning[];
  readonly evidence: readonly Evidence[];
  /** When the evidence was gathered, where that was an earlier run. */
  readonly evidenceAt?: string;
  readonly disks: readonly DiskResult[];
  /** What was kept of a boot that did not succeed: paths of files on this machine. */
  readonly capture?: Capture;
  /** All disks as they stand, for `status`. */
  readonly inventory?: readonly DiskStatus[];
  /** What each rule says of it, for `check`. */
  readonly compliance?: readonly RuleResult[];
  /** The unified diff of its definitions, made where somebody looks at it; empty where nothing differs. */
  readonly diff?: () => string;
}

export interface Capture {
  /** The guest's screen, as PNG. */
  readonly screenshot?: string;
  /** The end of what it wrote to its serial console. */
  readonly console?: string;
}

/** A result of which nothing is known yet but whose it is. `state` is left empty where the guest was not looked at. */
export function emptyResult({ name, uuid, state = '' }: { name: string; uuid: string; state?: string }) {
  return { name, uuid, state, refusals: [], warnings: [], evidence: [], disks: [] } satisfies Partial<GuestResult>;
}

/** One disk as `status` shows it. */
export interface DiskStatus {
  readonly target: string;
  readonly bus: string;
  /** The bus in the running or saved instance, where that is another one. */
  readonly liveBus?: string;
  readonly source: string;
  readonly kind: 'emulated' | 'paravirtual' | 'pending' | 'other';
}
