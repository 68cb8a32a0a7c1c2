import yargs from 'yargs';
import { VirtioizeError } from '../error.ts';
import type { Policy } from '../policy/policy.ts';
import type { RunCommand } from './command.ts';
import type { ConfigReport } from './commands/config-validate.ts';
import { type Choose, type Declare, declareCommands } from './declare-commands.ts';
import { type EnvironmentOptions, readEnvironmentOptions } from './environment.ts';
import { exitStatusHelp } from './exit-status-help.ts';
import { expiredError, loadConfig } from './load-config.ts';
import { checkFormat, type GlobalOptions, withGlobalOptions } from './options.ts';

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
  readonly load: () => Promise<RunCommand>;
}

/** What the program is, in a line. */
export const SUMMARY = 'Move the disks of KVM guests to virtio, proven beforehand.';

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
  | Pick<HostInvocation, 'command' | 'changes' | 'load'>
  | { readonly command: string; readonly validate: (file: string | false | undefined) => Promise<ConfigReport> };

/**
 * Thrown by the handler of the command that a command line names: where one returns, yargs makes the text of the help for
 * whoever may ask for it later, which takes several times as long as the parsing.
 */
class Understood extends Error {
  readonly chosen: Chosen;

  constructor(chosen: Chosen) {
    super(chosen.command);
    this.chosen = chosen;
  }
}

interface ParsedOptions extends GlobalOptions {
  readonly json: boolean;
  readonly config: string | false | undefined;
}

interface ParsedWords {
  readonly chosen: Chosen;
  readonly options: GlobalOptions;
  readonly file: string | false | undefined;
}

async function parseWords(
  { argv, env, version }: Words,
  values: EnvironmentOptions['values'],
): Promise<ParsedWords | undefined> {
  let parsed: unknown;
  const choose: Choose = (command, changes, load) => {
    throw new Understood({ command, changes, load });
  };
  const parser = withGlobalOptions(yargs([...argv]), env)
    .scriptName('virtioize')
    .usage(`$0 <command> [guest..]\n\n${SUMMARY}`)
    .demandCommand(1, 1, 'Name a command.')
    .recommendCommands()
    .strict()
    .version(version)
    .alias('help', 'h')
    .epilogue(exitStatusHelp())
    .parserConfiguration({
      'populate--': true,
      'greedy-arrays': false,
      'parse-positional-numbers': false,
      'parse-numbers': false,
    })
    .wrap(Math.min(100, process.stdout.columns || 100))
    .exitProcess(false)
    .fail(false)
    .middleware((words) => {
      parsed = words;
    });
  const declare: Declare = { choose, values };
  declareCommands(parser, declare, (validate) => {
    throw new Understood({ command: 'config validate', validate });
  });
  const chosen = await parseStrictly(parser);
  if (chosen === undefined) return undefined;
  const { connect, stateDir, quiet, verbose, color, json, format, config: file } = parsed as ParsedOptions;
  const wanted = json ? ('json' as const) : format;
  checkFormat(chosen.command, wanted);
  return { chosen, file, options: { connect, stateDir, quiet, verbose, color, format: wanted } };
}

/** Options that the environment may set, as `VIRTIOIZE_<NAME>`. */
export const KNOWN_OPTIONS = new Set([
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
  'prime-timeout',
]);

/** @returns undefined where no command's handler was called: help or the version was asked for. */
async function parseStrictly(parser: { parseAsync(): Promise<unknown> }): Promise<Chosen | undefined> {
  try {
    await parser.parseAsync();
    return undefined;
  } catch (error) {
    if (error instanceof Understood) return error.chosen;
    if (error instanceof VirtioizeError) throw error;
    // yargs tells what is wrong with the command line in plain errors; anything else is a bug of ours.
    if (!(error instanceof Error) || (error.name !== 'YError' && error.constructor !== Error)) throw error;
    throw new VirtioizeError('usage', error.message, {
      hint: "'virtioize --help' and 'virtioize COMMAND --help' tell what there is.",
    });
  }
}
