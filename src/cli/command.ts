import type { GuestResult } from '../conversion/result.ts';
import type { StepEvent } from '../conversion/run-context.ts';
import type { Io } from './io.ts';
import type { GlobalOptions } from './options.ts';
import type { RunReport } from './report.ts';

/** What main gives to a command. */
export interface CommandContext {
  readonly io: Io;
  readonly options: GlobalOptions;
  /** The words of the command line, for the record. */
  readonly commandLine: string;
  readonly version: string;
  readonly interrupted: AbortSignal;
  readonly onStep: (event: StepEvent) => void;
  readonly onGuest: (result: GuestResult) => void;
  /** Take progress off the terminal, before a question. */
  readonly pauseProgress: () => void;
}

/** What a command finds out; main adds when. */
export type CommandReport = Omit<RunReport, 'command' | 'connection' | 'startedAt' | 'finishedAt'>;
