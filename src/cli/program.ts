import yargs, { type Argv } from 'yargs';
import { VirtioizeError } from '../error.ts';
import type { CommandContext, CommandReport } from './command.ts';
import { readEnvironmentOptions } from './environment.ts';
import {
  checkFormat,
  type GlobalOptions,
  withBuses,
  withConfirmation,
  withEvidence,
  withGlobalOptions,
  withGuests,
  withJobs,
  withRestart,
  withSelection,
} from './options.ts';

/** A command line that was understood: what to run, with which options. */
export interface Invocation {
  readonly command: string;
  readonly options: GlobalOptions;
  /** Whether the command may change guests. */
  readonly changes: boolean;
  readonly notes: readonly string[];
  readonly run: (context: CommandContext) => Promise<CommandReport>;
}

const EXIT_STATUS_HELP = `Exit status:
  0  all that was asked for holds      1  a guest failed or was rolled back; it is as it was
  2  a guest was refused, or is not    3  a guest needs attention, or an interrupted run was found
     compliant (check)
  64 usage  65 unreadable data  69 libvirt not reachable  70 a bug  73 state or report not writable
  75 another run holds the lock  77 permission  78 configuration  130, 143 interrupted`;

/** Told by a command's handler: what is to be run. */
type Choose = (command: string, changes: boolean, run: Invocation['run']) => void;

/**
 * Understand a command line.
 * @returns undefined where it asked for help or the version, which has been printed.
 * @throws VirtioizeError `usage`
 */
export async function parseCommandLine(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  version: string,
): Promise<Invocation | undefined> {
  let invocation: Omit<Invocation, 'options' | 'notes'> | undefined;
  const choose: Choose = (command, changes, run) => {
    invocation = { command, changes, run };
  };
  const { values, ignored } = readEnvironmentOptions(env, KNOWN_OPTIONS);
  const parser = withGlobalOptions(yargs([...argv]), env)
    .scriptName('virtioize')
    .usage('$0 <command> [guest..]\n\nMove the disks of KVM guests to virtio, proven beforehand.')
    .config(values)
    .demandCommand(1, 1, 'Name a command.')
    .recommendCommands()
    .strict()
    .version(version)
    .alias('help', 'h')
    .epilogue(EXIT_STATUS_HELP)
    .parserConfiguration({
      'populate--': true,
      'greedy-arrays': false,
      'parse-positional-numbers': false,
      'parse-numbers': false,
    })
    .wrap(Math.min(100, process.stdout.columns || 100))
    .exitProcess(false)
    .fail(false);
  addReadingCommands(parser, choose);
  addChangingCommands(parser, choose);
  const options = await parseStrictly<GlobalOptions & { readonly json: boolean }>(parser);
  if (invocation === undefined) return undefined;
  const { connect, stateDir, quiet, verbose, color, json, format } = options;
  const wanted = json ? ('json' as const) : format;
  checkFormat(invocation.command, wanted);
  const globals = { connect, stateDir, quiet, verbose, color, format: wanted };
  return { ...invocation, options: globals, notes: ignored };
}

/** The guests named before and after `--`, behind which a name may begin with a dash. */
function named(guests: readonly string[], options: Readonly<Record<string, unknown>>): string[] {
  const rest = options['--'];
  return [...guests, ...(Array.isArray(rest) ? rest.map(String) : [])];
}

function addReadingCommands(parser: Argv<object>, choose: Choose): void {
  parser
    .command(
      'status [guest..]',
      'every guest and disk: bus, verdict, what stands in the way',
      (one) => withBuses(withSelection(withGuests(one))).example('$0 status', 'all guests of this host'),
      ({ guest, ...options }) =>
        choose('status', false, async (context) => {
          const { status } = await import('./commands/status.ts');
          return status(context, { ...options, guests: named(guest, options) });
        }),
    )
    .command(
      'check [guest..]',
      'compliance, for cron and monitoring',
      (one) =>
        withBuses(withSelection(withGuests(one)))
          .example('$0 check -q', 'from cron: prints nothing where all guests are compliant')
          .example('$0 check --format nagios', 'a monitoring plugin'),
      ({ guest, ...options }) =>
        choose('check', false, async (context) => {
          const { check } = await import('./commands/check.ts');
          return check(context, { ...options, guests: named(guest, options) });
        }),
    )
    .command(
      'preflight [guest..]',
      'prove that the guest can boot from virtio, show the evidence',
      (one) =>
        withJobs(withEvidence(withSelection(withGuests(one)))).example("$0 preflight 'web-*'", 'guests by a pattern'),
      ({ guest, ...options }) =>
        choose('preflight', false, async (context) => {
          const { preflight } = await import('./commands/preflight.ts');
          return preflight(context, { ...options, guests: named(guest, options) });
        }),
    )
    .command(
      'history [guest..]',
      'what was done, when, by whom, on what evidence',
      (one) => withGuests(one),
      ({ guest, ...options }) =>
        choose('history', false, async (context) => {
          const { history } = await import('./commands/history.ts');
          return history(context, { guests: named(guest, options) });
        }),
    );
}

function addChangingCommands(parser: Argv<object>, choose: Choose): void {
  parser
    .command(
      'convert [guest..]',
      'preflight, back up, rewrite, redefine, verify, restart',
      (one) =>
        withConfirmation(withRestart(withJobs(withEvidence(withSelection(withGuests(one))))))
          .example('$0 convert --dry-run web1', 'see what would change')
          .example('$0 convert web1', 'convert one guest')
          .example("$0 convert 'web-*' --restart graceful", 'restart them one by one, undo what does not come up'),
      ({ guest, ...options }) =>
        choose('convert', !options.dryRun, async (context) => {
          const { convert } = await import('./commands/convert.ts');
          return convert(context, { ...options, guests: named(guest, options) });
        }),
    )
    .command(
      'rollback [guest..]',
      'undo the last conversion',
      (one) =>
        withConfirmation(withRestart(withJobs(withSelection(withGuests(one)))))
          .option('restore-nvram', { type: 'boolean', default: false, describe: 'put the UEFI variables back as well' })
          .example('$0 rollback web1', 'back to the disks it had'),
      ({ guest, ...options }) =>
        choose('rollback', !options.dryRun, async (context) => {
          const { rollback } = await import('./commands/rollback.ts');
          return rollback(context, { ...options, guests: named(guest, options) });
        }),
    )
    .command(
      'recover [guest..]',
      'finish or undo whatever an interrupted run left',
      (one) =>
        withGuests(one).option('adopt-live-source', {
          type: 'boolean',
          default: false,
          describe: 'write the images that running guests use into their definitions',
        }),
      ({ guest, ...options }) =>
        choose('recover', true, async (context) => {
          const { recover } = await import('./commands/recover.ts');
          return recover(context, { ...options, guests: named(guest, options) });
        }),
    );
}

const KNOWN_OPTIONS = new Set([
  'connect',
  'state-dir',
  'format',
  'json',
  'quiet',
  'verbose',
  'color',
  'from',
  'all',
  'exclude',
  'state',
  'dry-run',
  'restore-nvram',
  'restart',
  'shutdown-timeout',
  'boot-timeout',
  'wait-tcp',
  'jobs',
  'restart-jobs',
  'max-failures',
]);

async function parseStrictly<T>(parser: { parseAsync(): Promise<T> }): Promise<T> {
  try {
    return await parser.parseAsync();
  } catch (error) {
    if (error instanceof VirtioizeError) throw error;
    // yargs tells what is wrong with the command line in plain errors; anything else is a bug of ours.
    if (!(error instanceof Error) || (error.name !== 'YError' && error.constructor !== Error)) throw error;
    throw new VirtioizeError('usage', error.message, {
      hint: "'virtioize --help' and 'virtioize COMMAND --help' tell what there is.",
    });
  }
}
