import yargs, { type Argv } from 'yargs';
import { VirtioizeError } from '../error.ts';
import type { Policy } from '../policy/policy.ts';
import type { CommandContext, CommandReport } from './command.ts';
import type { ConfigReport } from './commands/config-validate.ts';
import { type EnvironmentOptions, readEnvironmentOptions } from './environment.ts';
import { expiredError, loadConfig, USUAL_CONFIG } from './load-config.ts';
import {
  checkFormat,
  type GlobalOptions,
  withBootTimeout,
  withBuses,
  withConfirmation,
  withEvidence,
  withGlobalOptions,
  withGuests,
  withJobs,
  withNvram,
  withRehearsal,
  withRestart,
  withScratch,
  withSelection,
  withValues,
} from './options.ts';

/** A command line that was understood: what to run, with which options. */
export type Invocation = HostInvocation | ConfigInvocation;

/** Of a command that looks into a file, and at no host. */
export interface ConfigInvocation extends Pick<HostInvocation, 'command' | 'options' | 'notes'> {
  readonly validate: () => Promise<ConfigReport>;
}

/** Of a command that works on a host's guests. */
export interface HostInvocation {
  readonly command: string;
  readonly options: GlobalOptions;
  /** Whether the command may change guests. */
  readonly changes: boolean;
  readonly notes: readonly string[];
  readonly policy: Policy;
  readonly run: (context: CommandContext) => Promise<CommandReport>;
}

const EXIT_STATUS_HELP = `Exit status:
  0  all that was asked for holds      1  a guest failed or was rolled back; it is as it was
  2  a guest was refused, or is not    3  a guest needs attention, or an interrupted run was found
     compliant (check)
  64 usage  65 unreadable data  69 libvirt not reachable  70 a bug  73 state or report not writable
  75 another run holds the lock  77 permission  78 configuration  130, 143 interrupted`;

interface Declare {
  readonly choose: Choose;
  readonly values: EnvironmentOptions['values'];
}

/** Told by a command's handler: what is to be run. */
type Choose = (command: string, changes: boolean, run: HostInvocation['run']) => void;

interface Words {
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly version: string;
}

/**
 * Understand a command line, and read the configuration that belongs to it. An option is set by its flag, else by the
 * environment, else by the configuration.
 * @returns undefined where it asked for help or the version, which has been printed.
 * @throws VirtioizeError `usage`, `config`
 */
export async function parseCommandLine(words: Words): Promise<Invocation | undefined> {
  const { values, ignored: notes } = readEnvironmentOptions(words.env, KNOWN_OPTIONS);
  const first = await parseWords(words, values);
  if (first === undefined) return undefined;
  const { chosen, options, file } = first;
  if ('validate' in chosen) return { ...chosen, options, notes, validate: () => chosen.validate(file) };
  const { policy, values: configured, expired } = await loadConfig(file);
  // A guest whose waiver is over would be converted by the next run, and nobody may have thought of that.
  if (chosen.command === 'convert' && policy.file !== undefined && expired.length > 0)
    throw expiredError(policy.file, expired);
  const { connect: _, ...withoutConnection } = configured;
  const usable = words.env.LIBVIRT_DEFAULT_URI ? withoutConnection : configured;
  const again = Object.keys(usable).length === 0 ? first : await parseWords(words, { ...usable, ...values });
  if (again === undefined || 'validate' in again.chosen) return undefined;
  // check lists what has expired in its report
  const told = chosen.command === 'check' || options.quiet ? [] : expired;
  return { ...again.chosen, options: again.options, policy, notes: [...notes, ...told] };
}

type Chosen =
  | Pick<HostInvocation, 'command' | 'changes' | 'run'>
  | { readonly command: string; readonly validate: (file: string | false | undefined) => Promise<ConfigReport> };

interface ParsedWords {
  readonly chosen: Chosen;
  readonly options: GlobalOptions;
  readonly file: string | false | undefined;
}

async function parseWords(
  { argv, env, version }: Words,
  values: EnvironmentOptions['values'],
): Promise<ParsedWords | undefined> {
  let chosen: Chosen | undefined;
  const choose: Choose = (command, changes, run) => {
    chosen = { command, changes, run };
  };
  const parser = withGlobalOptions(yargs([...argv]), env)
    .scriptName('virtioize')
    .usage('$0 <command> [guest..]\n\nMove the disks of KVM guests to virtio, proven beforehand.')
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
  const declare: Declare = { choose, values };
  addReadingCommands(parser, declare);
  addChangingCommands(parser, declare);
  addConfigCommand(parser, (validate) => {
    chosen = { command: 'config validate', validate };
  });
  const parsed = await parseStrictly<
    GlobalOptions & { readonly json: boolean; readonly config: string | false | undefined }
  >(parser);
  if (chosen === undefined) return undefined;
  const { connect, stateDir, quiet, verbose, color, json, format, config: file } = parsed;
  const wanted = json ? ('json' as const) : format;
  checkFormat(chosen.command, wanted);
  return { chosen, file, options: { connect, stateDir, quiet, verbose, color, format: wanted } };
}

/** The guests named before and after `--`, behind which a name may begin with a dash. */
function named(guests: readonly string[], options: Readonly<Record<string, unknown>>): string[] {
  const rest = options['--'];
  return [...guests, ...(Array.isArray(rest) ? rest.map(String) : [])];
}

function addReadingCommands(parser: Argv<object>, { choose, values }: Declare): void {
  parser
    .command(
      'status [guest..]',
      'every guest and disk: bus, verdict, what stands in the way',
      (one) =>
        withValues(withBuses(withSelection(withGuests(one))), values).example('$0 status', 'all guests of this host'),
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
        withValues(withBuses(withSelection(withGuests(one))), values)
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
        withValues(
          withBootTimeout(withRehearsal(withJobs(withEvidence(withSelection(withGuests(one)))))),
          values,
        ).example("$0 preflight 'web-*'", 'guests by a pattern'),
      ({ guest, ...options }) =>
        choose('preflight', options.rehearse, async (context) => {
          const { preflight } = await import('./commands/preflight.ts');
          return preflight(context, { ...options, guests: named(guest, options) });
        }),
    )
    .command(
      'history [guest..]',
      'what was done, when, by whom, on what evidence',
      (one) => withValues(withGuests(one), values),
      ({ guest, ...options }) =>
        choose('history', false, async (context) => {
          const { history } = await import('./commands/history.ts');
          return history(context, { guests: named(guest, options) });
        }),
    );
}

function addChangingCommands(parser: Argv<object>, { choose, values }: Declare): void {
  parser
    .command(
      'convert [guest..]',
      'preflight, back up, rewrite, redefine, verify, restart',
      (one) =>
        withValues(
          withConfirmation(withRestart(withRehearsal(withJobs(withEvidence(withSelection(withGuests(one))))))),
          values,
        )
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
      'rehearse [guest..]',
      'boot a throw-away clone with virtio disks; the guest is left alone',
      (one) =>
        withValues(withBootTimeout(withScratch(withJobs(withBuses(withSelection(withGuests(one)))))), values).example(
          '$0 rehearse web1',
          'see whether web1, which is off, comes up from virtio',
        ),
      ({ guest, ...options }) =>
        choose('rehearse', true, async (context) => {
          const { rehearse } = await import('./commands/rehearse.ts');
          return rehearse(context, { ...options, guests: named(guest, options) });
        }),
    )
    .command(
      'rollback [guest..]',
      'undo the last conversion',
      (one) =>
        withValues(withNvram(withConfirmation(withRestart(withJobs(withSelection(withGuests(one)))))), values).example(
          '$0 rollback web1',
          'back to the disks it had',
        ),
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
        withValues(withGuests(one), values).option('adopt-live-source', {
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

function addConfigCommand(
  parser: Argv<object>,
  choose: (validate: (file: string | false | undefined) => Promise<ConfigReport>) => void,
): void {
  parser.command('config', 'the configuration file', (config) =>
    config.demandCommand(1, 1, 'Name what to do with it: validate.').command(
      'validate [file]',
      'check a configuration file',
      (one) => one.positional('file', { type: 'string', describe: `default ${USUAL_CONFIG}` }),
      ({ file }) =>
        choose(async (named) => {
          const { validateConfig } = await import('./commands/config-validate.ts');
          return validateConfig(file ?? named);
        }),
    ),
  );
}

const KNOWN_OPTIONS = new Set([
  'config',
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
  'rehearse',
  'scratch-dir',
  'scratch-limit',
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
