import type { ChangeOptions, HostOptions } from '../conversion/open-host.ts';
import type { GuestResult } from '../conversion/result.ts';
import type { Policy } from '../policy/policy.ts';
import type { Io } from './io.ts';
import type { RunReport } from './report.ts';

/** What main gives to a command. */
export interface CommandContext {
  readonly io: Io;
  /** How to reach the host, for a command that only reads. */
  readonly reading: HostOptions;
  /** The same for a command that may change something. */
  readonly changing: ChangeOptions;
  /** What the configuration says of guests. */
  readonly policy: Policy;
  /** Whether nobody watches, and only what is new is to be told: `-q` as text, without a terminal. */
  readonly tellsNewsOnly: boolean;
  readonly interrupted: AbortSignal;
  readonly onGuest: (result: GuestResult) => void;
  /** Tell people what would become of guests: those who are asked, and those who read along. */
  readonly showPlan: (planned: readonly GuestResult[], told: { readonly isAsked: boolean }) => Promise<void>;
  /** Take progress off the terminal, before a question. */
  readonly pauseProgress: () => void;
}

/** What a command finds out; main adds when. */
export type CommandReport = Omit<RunReport, 'command' | 'connection' | 'startedAt' | 'finishedAt'>;
