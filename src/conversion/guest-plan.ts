import type { EmulatedBus } from '../domain/emulated-bus.ts';
import type { Refusal, RefusalCode, Warning } from '../domain/finding.ts';
import type { Evidence, Testimony } from '../preflight/evidence.ts';
import type { ChangeRecord, RestartRecord } from '../store/record.ts';
import type { Assessment, Standing } from './assess.ts';
import type { GuestFacts } from './guest-facts.ts';
import type { RehearsalOptions } from './rehearsal/rehearse.ts';
import type { RestartPlan } from './restart/plan-restart.ts';

/** What the admin asked for, for every guest alike. */
export interface ConversionOptions {
  readonly buses: ReadonlySet<EmulatedBus>;
  readonly rename: boolean;
  readonly requiredEvidence: 'proven' | 'likely';
  /** `--assume-driver`. */
  readonly vouched: boolean;
  readonly accepted: ReadonlySet<RefusalCode>;
  readonly reason: string | undefined;
  /** Restart guests that run; undefined where they are left pending. */
  readonly restart?: RestartOptions;
  /** Boot a clone of guests that are off; undefined where none is. */
  readonly rehearsal?: RehearsalOptions;
  readonly ownUuid: string | undefined;
  /** Guests are looked into in turn, so many at a time; what libvirt alone tells needs no turn. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
}

/** How a running guest is restarted (`--restart` and its like). */
export type RestartOptions = Pick<
  RestartRecord,
  'mode' | 'shutdownTimeoutMs' | 'bootTimeoutMs' | 'waitTcp' | 'rollBack'
>;

/** What is asked of a guest that is shut down: that its disks, now that nobody uses them, prove what was not proven yet. */
export interface ProofWhileOff {
  /** What was known while it ran. */
  readonly testimonies: readonly Testimony[];
  readonly options: ConversionOptions;
}

/** What would become of one guest, and on what grounds. Nothing is changed by planning. */
export interface GuestPlan {
  /** When the guest was looked at, in ms since the epoch. */
  readonly at: number;
  readonly facts: GuestFacts;
  readonly standing: Standing;
  readonly verdict: 'refused' | 'planned' | 'nothing-to-do';
  /** Undefined where there is nothing to do. */
  readonly assessment: Assessment | undefined;
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly Warning[];
  readonly evidence: readonly Evidence[];
  /** The refusals that the admin took on. */
  readonly accepted: readonly RefusalCode[];
  /** The conversion that still waits for its final names, or for a restart. */
  readonly earlier: ChangeRecord | undefined;
  /** Undefined where the guest is not going to be restarted. */
  readonly restart?: RestartPlan;
  /** Undefined where the guest's disks need not be looked into once it is off. */
  readonly proofWhileOff?: ProofWhileOff;
  /** Where the restart is all that is left to do: what the guest gets should it not come up. */
  readonly undo?: { readonly definition: string; readonly undoes: readonly string[] };
}
