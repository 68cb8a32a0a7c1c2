import type { Argv } from 'yargs';
import type { RestartOptions } from '../conversion/guest-plan.ts';
import { VirtioizeError } from '../error.ts';

export function withBootTimeout<T>(yargs: Argv<T>) {
  return yargs.option('boot-timeout', {
    type: 'string',
    nargs: 1,
    default: '5m',
    describe: 'how long a guest may take to come up',
  });
}

/** How running guests are restarted. */
export function withRestart<T>(yargs: Argv<T>) {
  return withBootTimeout(yargs)
    .option('restart', {
      choices: ['never', 'graceful', 'force'] as const,
      default: 'never' as const,
      nargs: 1,
      describe: 'shut running guests down, start them again and watch them come up; force: power off in the end',
    })
    .option('shutdown-timeout', {
      type: 'string',
      nargs: 1,
      default: '5m',
      describe: 'how long a guest may take to go off (90s, 5m)',
    })
    .option('wait-tcp', { type: 'string', nargs: 1, describe: 'wait until the guest answers at this TCP port as well' })
    .option('rollback', {
      type: 'boolean',
      default: true,
      describe: 'put a guest back that does not come up; --no-rollback leaves it as it is',
    })
    .option('restart-jobs', {
      type: 'string',
      nargs: 1,
      default: '1',
      describe: 'how many guests are restarted at the same time',
    })
    .option('max-failures', {
      type: 'string',
      nargs: 1,
      defaultDescription: '1 with --restart, else none',
      describe: 'begin no new guest after so many failed or were rolled back (a number, or none)',
    });
}

export interface RestartArguments {
  readonly restart: 'never' | 'graceful' | 'force';
  readonly shutdownTimeout: string;
  readonly bootTimeout: string;
  readonly waitTcp: string | undefined;
  readonly rollback: boolean;
  readonly jobs: string;
  readonly restartJobs: string;
  readonly maxFailures: string | undefined;
}

/**
 * How running guests are to be restarted; undefined where they are not.
 * @throws VirtioizeError `usage`
 */
export function readRestartOptions(argv: RestartArguments): RestartOptions | undefined {
  const waitTcp = argv.waitTcp === undefined ? undefined : parseNumber('--wait-tcp', argv.waitTcp, 65_535);
  const times = {
    shutdownTimeoutMs: parseDuration('--shutdown-timeout', argv.shutdownTimeout),
    bootTimeoutMs: parseDuration('--boot-timeout', argv.bootTimeout),
  };
  if (argv.restart === 'never') return undefined;
  return {
    mode: argv.restart,
    ...times,
    ...(waitTcp === undefined ? {} : { waitTcp }),
    rollBack: argv.rollback,
  };
}

export interface RunLimits {
  /** How many guests are in hand at the same time while plans are made. */
  readonly planJobs: number;
  /** How many guests are changed at the same time. */
  readonly jobs: number;
  /** How many may fail before no new one is begun. */
  readonly maxFailures: number;
}

const MAX_JOBS = 64;

/** Of guests that only libvirt is asked about, and whose definitions change: while some wait for the disk, others go on. */
const IN_HAND = 16;

/** @throws VirtioizeError `usage` */
export function readRunLimits({ restart, jobs, restartJobs, maxFailures }: RestartArguments): RunLimits {
  const restarts = restart !== 'never';
  const restarted = parseNumber('--restart-jobs', restartJobs, MAX_JOBS);
  const lookedInto = readJobs(jobs);
  const failures =
    maxFailures === undefined || maxFailures === 'none'
      ? undefined
      : parseNumber('--max-failures', maxFailures, Number.MAX_SAFE_INTEGER);
  const byDefault = restarts && maxFailures === undefined ? 1 : Number.POSITIVE_INFINITY;
  if (restarts) return { planJobs: lookedInto, jobs: restarted, maxFailures: failures ?? byDefault };
  // with a limit, as few as can be have begun when one fails
  return { planJobs: IN_HAND, jobs: failures === undefined ? IN_HAND : lookedInto, maxFailures: failures ?? byDefault };
}

/** @throws VirtioizeError `usage` */
export function readJobs(jobs: string): number {
  return parseNumber('--jobs', jobs, MAX_JOBS);
}

const UNITS_MS: Readonly<Record<string, number>> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000 };
const MAX_DURATION_MS = 24 * 3_600_000;

/**
 * `90s`, `5m`, `1h`, `90`: in ms.
 * @throws VirtioizeError `usage`
 */
export function parseDuration(option: string, text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,6})([smh]?)$/.exec(text) ?? [];
  const ms = Number(number) * (UNITS_MS[unit] ?? 0);
  if (ms > 0 && ms <= MAX_DURATION_MS) return ms;
  throw new VirtioizeError('usage', `${option}: '${text}' is not a duration between 1s and 24h.`, {
    hint: 'Write it like 90s, 5m or 1h.',
  });
}

function parseNumber(option: string, text: string, max: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= max) return value;
  throw new VirtioizeError('usage', `${option}: '${text}' is not a number from 1${max > 1e9 ? ' on' : ` to ${max}`}.`);
}
