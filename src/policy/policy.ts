import type { RuleId } from '../compliance/rule-result.ts';
import type { RefusalCode } from '../domain/finding.ts';

/** What an admin takes on for some guests, until a day. */
export interface Exception {
  /** Names, UUIDs or globs. */
  readonly guests: readonly string[];
  readonly reason: string;
  /** The last day on which it counts, as YYYY-MM-DD (UTC). */
  readonly expires: string;
}

/** The part of the configuration that is no option of a command. Lists are empty where nothing is said. */
export interface Policy {
  /** The file it was read from; undefined where there is none. */
  readonly file: string | undefined;
  /** Vouches for the driver, as `--assume-driver` does. */
  readonly attest: readonly Exception[];
  /** `likely` evidence is enough, as `--require-evidence likely` says. */
  readonly acceptLikely: readonly Exception[];
  /** Takes on refusals, as `--accept` does. */
  readonly accept: readonly (Exception & { readonly codes: readonly RefusalCode[] })[];
  /** Rules that guests need not keep: such a guest is not converted, and is no breach. */
  readonly waive: readonly (Exception & { readonly rules: readonly RuleId[] })[];
  /** Guests that are never restarted: names, UUIDs or globs. */
  readonly neverRestart: readonly string[];
  readonly retention: Retention | undefined;
  /** Files that `check` of all guests writes, by format. */
  readonly reports: Readonly<Partial<Record<ReportFormat, string>>>;
}

/** Which backups of a guest may be removed: those that are older, and that many newer ones are there. */
export interface Retention {
  readonly days: number;
  readonly keep: number;
}

export type ReportFormat = 'json' | 'prometheus' | 'html';

export const NO_POLICY: Policy = {
  file: undefined,
  attest: [],
  acceptLikely: [],
  accept: [],
  waive: [],
  neverRestart: [],
  retention: undefined,
  reports: {},
};
