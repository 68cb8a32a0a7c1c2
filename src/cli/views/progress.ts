import type { Ora } from 'ora';
import type { GuestResult } from '../../conversion/result.ts';
import type { StepEvent } from '../../conversion/run-context.ts';
import type { Io } from '../io.ts';
import type { Format } from '../options.ts';
import { renderGuestLine, renderStepLine } from './json.ts';
import { printable } from './printable.ts';

/** Tells what goes on while a run works: a spinner on a terminal, else a line a step; events for ndjson. */
export interface Progress {
  readonly step: (event: StepEvent) => void;
  readonly guest: (result: GuestResult) => void;
  /** Take the spinner away, before a result or a question. */
  readonly stop: () => void;
}

const WORDS: Readonly<Record<StepEvent['step'], string>> = {
  read: 'reading its definition',
  prove: 'looking for proof that it can boot from virtio',
  begin: 'beginning',
  'back-up': 'backing up',
  define: 'defining',
  verify: 'reading back',
  'put-back': 'putting the old definition back',
  'shut-down': 'shutting down',
  'power-off': 'powering off',
  start: 'starting',
  watch: 'waiting for it to come up',
  undo: 'did not come up: putting it back',
  recover: 'bringing an interrupted change to an end',
  end: 'done',
};

export interface ProgressOptions {
  readonly format: Format;
  readonly quiet: boolean;
  /** Whether steps are worth a line each where there is no terminal: they are for commands that change something. */
  readonly plainLines: boolean;
}

export async function createProgress(io: Io, { format, quiet, plainLines }: ProgressOptions): Promise<Progress> {
  const spinner = await createSpinner(io, quiet || format !== 'text');
  const lines = plainLines && !quiet && format === 'text' && spinner === undefined;
  return {
    step(event) {
      if (format === 'ndjson') io.stdout.write(renderStepLine(event));
      const text = `${printable(event.guest)}: ${WORDS[event.step]}`;
      if (lines) io.stderr.write(`${text}\n`);
      spinner?.start(text);
    },
    guest(result) {
      if (format === 'ndjson') io.stdout.write(renderGuestLine(result));
    },
    stop: () => spinner?.stop(),
  };
}

/** ora is loaded only where there is a terminal to show it on. */
async function createSpinner({ stderr }: Io, quiet: boolean): Promise<Ora | undefined> {
  // A terminal that does not know its width (a serial console) would keep ora counting lines for ever.
  if (quiet || stderr.isTTY !== true || !stderr.columns) return undefined;
  const { default: ora } = await import('ora');
  return ora({ stream: stderr, discardStdin: false });
}
