import type { Ora } from 'ora';
import type { GuestResult } from '../../conversion/result.ts';
import type { StepEvent } from '../../conversion/run-context.ts';
import type { Io } from '../io.ts';
import { writeLeveled } from '../log-level.ts';
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
  rehearse: 'booting a clone of it (it can not be started meanwhile)',
  probe: 'plugging a small virtio disk in',
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
  const board = await createBoard(io, quiet || format !== 'text');
  const lines = plainLines && !quiet && format === 'text' && board === undefined;
  return {
    step(event) {
      if (format === 'ndjson') io.stdout.write(renderStepLine(event));
      if (lines)
        writeLeveled(io.stderr, io, { text: `${printable(event.guest)}: ${WORDS[event.step]}`, level: 'info' });
      board?.show(event);
    },
    guest(result) {
      if (format === 'ndjson') io.stdout.write(renderGuestLine(result));
    },
    stop: () => board?.stop(),
  };
}

interface Board {
  readonly show: (event: StepEvent) => void;
  readonly stop: () => void;
}

/** A spinner with the guests that are at work, each with its phase and how long that takes by now. */
async function createBoard(io: Io, quiet: boolean): Promise<Board | undefined> {
  const spinner = await createSpinner(io, quiet);
  if (spinner === undefined) return undefined;
  const phases = new Map<string, { readonly step: StepEvent['step']; readonly since: number }>();
  let ticking: NodeJS.Timeout | undefined;
  const draw = (): void => {
    spinner.text = renderPhases(phases, Date.now());
  };
  return {
    show({ guest, step }) {
      // What is only read belongs to one guest at a time.
      for (const [name, phase] of phases) if (phase.step === 'read' || phase.step === 'prove') phases.delete(name);
      if (step === 'end') phases.delete(guest);
      else phases.set(guest, { step, since: Date.now() });
      draw();
      spinner.start();
      ticking ??= setInterval(draw, 1000).unref();
    },
    stop() {
      clearInterval(ticking);
      ticking = undefined;
      spinner.stop();
    },
  };
}

const SHOWN_GUESTS = 4;

/** E.g. `web1: waiting for it to come up, 12 s · web2: shutting down, 3 s`. */
export function renderPhases(
  phases: ReadonlyMap<string, { readonly step: StepEvent['step']; readonly since: number }>,
  now: number,
): string {
  const texts = [...phases].map(([guest, { step, since }]) => {
    const seconds = Math.floor((now - since) / 1000);
    return `${printable(guest)}: ${WORDS[step]}${seconds < 1 ? '' : `, ${seconds} s`}`;
  });
  const more = texts.length > SHOWN_GUESTS ? [`${texts.length - SHOWN_GUESTS} more`] : [];
  return [...texts.slice(0, SHOWN_GUESTS), ...more].join(' · ');
}

/** ora is loaded only where there is a terminal to show it on. */
async function createSpinner({ stderr }: Io, quiet: boolean): Promise<Ora | undefined> {
  // A terminal that does not know its width (a serial console) would keep ora counting lines for ever.
  if (quiet || stderr.isTTY !== true || !stderr.columns) return undefined;
  const { default: ora } = await import('ora');
  return ora({ stream: stderr, discardStdin: false });
}
