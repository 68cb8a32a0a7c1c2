import type { GuestResult } from '../conversion/result.ts';
import type { ChangeContext, HostContext } from '../conversion/run-context.ts';
import type { Policy } from '../policy/policy.ts';
import type { Io } from './io.ts';
import type { RunReport } from './report.ts';

/** What main gives to a command. */
export interface CommandContext {
  readonly io: Io;
  /** The host, once it is reached, which was begun while the command was loaded. */
  readonly reachHost: () => Promise<HostContext>;
  /** The same, as this run's alone: for a command that was chosen as one that changes something. */
  readonly reachLockedHost: () => Promise<ChangeContext>;
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

/** A command with its arguments. */
export type RunCommand = (context: CommandContext) => Promise<CommandReport>;

/** What a command finds out; main adds when. */
export type CommandReport = Omit<RunReport, 'command' | 'connection' | 'startedAt' | 'finishedAt'>;
