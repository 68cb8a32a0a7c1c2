import type { Argv } from 'yargs';
import { declareCommands } from '../../src/cli/declare-commands.ts';
import { withGlobalOptions } from '../../src/cli/options.ts';

/** What the program declares to yargs, which makes `--help` of it. */
export interface Declarations {
  readonly globalOptions: readonly Option[];
  readonly commands: readonly Command[];
}

export interface Command {
  /** e.g. `convert`, `config validate` */
  readonly name: string;
  readonly description: string;
  readonly positional: Positional | undefined;
  /** Those that not every command has. */
  readonly options: readonly Option[];
  readonly examples: readonly Example[];
}

export interface Option {
  readonly name: string;
  readonly letter: string | undefined;
  readonly description: string;
  readonly isSwitch: boolean;
  readonly choices: readonly string[];
  /** As the help tells it; undefined where there is none. */
  readonly standard: string | undefined;
}

interface Positional {
  readonly name: string;
  readonly isMany: boolean;
  readonly description: string;
}

interface Example {
  readonly command: string;
  readonly description: string;
}

/** yargs' own two. */
const HELP: Option = makeOption('help', { alias: 'h', type: 'boolean', describe: 'show help' });
const VERSION: Option = makeOption('version', { type: 'boolean', describe: 'show the version' });

/** The declarations, taken down from the very functions that make the command line. */
export function readDeclarations(): Declarations {
  const whole = recorder('');
  withGlobalOptions(whole.yargs, {});
  const globalOptions = [HELP, ...whole.options, VERSION];
  declareCommands(whole.yargs, { choose: () => {}, values: {} }, () => {});
  return { globalOptions, commands: whole.commands };
}

interface OptionSpec {
  readonly alias?: string;
  readonly type?: string;
  readonly choices?: readonly string[];
  readonly default?: unknown;
  readonly defaultDescription?: string;
  readonly describe: string;
}

interface Recorded {
  /** What looks like yargs to those who declare something. */
  readonly yargs: Argv<object>;
  readonly options: readonly Option[];
  readonly commands: readonly Command[];
  readonly examples: readonly Example[];
  readonly positional: () => Positional | undefined;
}

/**
 * As much of yargs as declarations use; another of its methods ends the build, for the page would lack what it declares.
 * @param path the words before a command's name.
 */
function recorder(path: string): Recorded {
  const options: Option[] = [];
  const commands: Command[] = [];
  const examples: Example[] = [];
  let positional: Positional | undefined;
  const methods = {
    option(name: string, spec: OptionSpec) {
      options.push(makeOption(name, spec));
      return methods;
    },
    positional(name: string, { describe, array }: { describe: string; array?: boolean }) {
      positional = { name, isMany: array === true, description: describe };
      return methods;
    },
    command(words: string, description: string, declare: (one: Argv<object>) => unknown) {
      const name = `${path}${words.split(' ')[0]}`;
      const one = recorder(`${name} `);
      declare(one.yargs);
      if (one.commands.length > 0) commands.push(...one.commands);
      else
        commands.push({
          name,
          description,
          positional: one.positional(),
          options: one.options,
          examples: one.examples,
        });
      return methods;
    },
    example(command: string, description: string) {
      examples.push({ command: command.replace('$0', 'virtioize'), description });
      return methods;
    },
    config: () => methods,
    demandCommand: () => methods,
    getOptions: () => ({ key: {} }),
  };
  return { yargs: methods as unknown as Argv<object>, options, commands, examples, positional: () => positional };
}

function makeOption(name: string, spec: OptionSpec): Option {
  const { alias, type, choices = [], describe, defaultDescription } = spec;
  const isSwitch = type === 'boolean';
  const usual = Array.isArray(spec.default) || (isSwitch && spec.default === false) ? undefined : spec.default;
  const standard = defaultDescription ?? (isSwitch && usual === true ? 'on' : usual?.toString());
  return { name, letter: alias, description: describe, isSwitch, choices, standard };
}
