import type { Argv } from 'yargs';
import { EMULATED_BUSES, type EmulatedBus } from '../domain/emulated-bus.ts';
import { isAcceptable, isRefusalCode, REFUSALS, type RefusalCode } from '../domain/finding.ts';
import { VirtioizeError } from '../error.ts';
import { defaultStateDir } from '../store/state-dir.ts';

const CHECK_FORMATS = ['nagios', 'prometheus', 'html'] as const;
const FORMATS = ['text', 'json', 'ndjson', ...CHECK_FORMATS] as const;
const DEFAULT_FORMAT: Format = 'text';
export type Format = (typeof FORMATS)[number];

/** Options of every command. */
export interface GlobalOptions {
  readonly connect: string;
  readonly stateDir: string;
  readonly format: Format;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly color: boolean;
}

export function withGlobalOptions<T>(yargs: Argv<T>, env: NodeJS.ProcessEnv) {
  return yargs
    .option('connect', {
      alias: 'c',
      type: 'string',
      nargs: 1,
      default: env.LIBVIRT_DEFAULT_URI || 'qemu:///system',
      defaultDescription: '$LIBVIRT_DEFAULT_URI, else qemu:///system',
      describe: 'libvirt connection URI',
    })
    .option('state-dir', {
      type: 'string',
      nargs: 1,
      default: defaultStateDir(env, process.getuid?.() === 0),
      defaultDescription: 'root: /var/lib/virtioize, others: $XDG_STATE_HOME/virtioize',
      describe: 'where backups, journal and lock lie',
    })
    .option('config', {
      type: 'string',
      nargs: 1,
      defaultDescription: '/etc/virtioize/config.yaml, if it is there',
      describe: 'YAML policy; --no-config goes without one',
    })
    .option('format', {
      choices: FORMATS,
      default: DEFAULT_FORMAT,
      nargs: 1,
      describe: 'how to print the result (the last three: check)',
    })
    .option('json', { type: 'boolean', default: false, describe: 'the same as --format json' })
    .option('quiet', { alias: 'q', type: 'boolean', default: false, describe: 'print only what needs attention' })
    .option('verbose', { alias: 'v', type: 'boolean', default: false, describe: 'print evidence and diffs in full' })
    .option('color', { type: 'boolean', default: true, describe: 'colors on a terminal (--no-color, NO_COLOR)' });
}

export function withGuests<T>(yargs: Argv<T>) {
  return yargs.positional('guest', {
    type: 'string',
    array: true,
    default: [] as string[],
    describe: 'names, UUIDs or patterns',
  });
}

/** The options of commands that change guests. */
export function withConfirmation<T>(yargs: Argv<T>) {
  return withYes(yargs).option('dry-run', {
    type: 'boolean',
    default: false,
    describe: 'show the plan and a diff, change nothing',
  });
}

export function withYes<T>(yargs: Argv<T>) {
  return yargs.option('yes', { alias: 'y', type: 'boolean', default: false, describe: 'ask no question' });
}

export function withNvram<T>(yargs: Argv<T>) {
  return yargs.option('restore-nvram', {
    type: 'boolean',
    default: false,
    describe: 'put the UEFI variables back as well',
  });
}

/** Values from elsewhere than the command line, of those options that the command has. */
export function withValues<T>(yargs: Argv<T>, values: Readonly<Record<string, string | boolean>>): Argv<T> {
  const declared = (yargs as Argv<T> & { getOptions(): { key: Record<string, unknown> } }).getOptions().key;
  return yargs.config(Object.fromEntries(Object.entries(values).filter(([name]) => Object.hasOwn(declared, name))));
}

/** The options that select guests. */
export function withSelection<T>(yargs: Argv<T>) {
  return yargs
    .option('all', { type: 'boolean', default: false, describe: 'all guests of the connection' })
    .option('exclude', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      describe: 'leave out guests whose names match this pattern (repeatable)',
    })
    .option('state', { choices: ['running', 'shutoff'] as const, nargs: 1, describe: 'only guests in this state' });
}

export function withBuses<T>(yargs: Argv<T>) {
  return yargs.option('from', {
    type: 'string',
    nargs: 1,
    default: 'ide,sata,scsi',
    describe: `emulated buses to convert, of ${EMULATED_BUSES.join(',')}`,
  });
}

/** How many guests are worked on at the same time. */
export function withJobs<T>(yargs: Argv<T>) {
  return yargs.option('jobs', {
    type: 'string',
    nargs: 1,
    default: '4',
    describe: 'how many guests are looked into at the same time',
  });
}

/** What is enough to go ahead. */
export function withEvidence<T>(yargs: Argv<T>) {
  return withBuses(yargs)
    .option('require-evidence', {
      choices: ['proven', 'likely'] as const,
      default: 'proven' as const,
      nargs: 1,
      describe: 'the weakest verdict that is enough (likely needs --reason)',
    })
    .option('assume-driver', {
      type: 'boolean',
      default: false,
      describe: 'vouch for the guest having the virtio driver (needs --reason)',
    })
    .option('accept', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      describe: 'take on one named refusal (repeatable, needs --reason)',
    })
    .option('reason', { type: 'string', nargs: 1, describe: 'why; kept with the conversion' })
    .option('rename', {
      type: 'boolean',
      default: false,
      describe: 'rename targets also where the name would be kept',
    });
}

/** What a page shows of guests. */
export function withScreens<T>(yargs: Argv<T>) {
  return yargs.option('screens', {
    type: 'boolean',
    default: false,
    describe: 'show what clones that did not come up had on their screens (html)',
  });
}

/** @throws VirtioizeError `usage` for a format that tells of compliance alone. */
export function checkFormat(command: string, format: Format): void {
  if (command === 'check' || !CHECK_FORMATS.some((one) => one === format)) return;
  throw new VirtioizeError('usage', `--format ${format} is for 'virtioize check' alone.`, {
    hint: 'Use text, json or ndjson.',
  });
}

/** @throws VirtioizeError `usage` */
export function parseBuses(text: string): ReadonlySet<EmulatedBus> {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !EMULATED_BUSES.includes(name as EmulatedBus));
  if (unknown !== undefined) {
    throw new VirtioizeError('usage', `--from: '${unknown}' is not an emulated bus.`, {
      hint: `Use one or more of ${EMULATED_BUSES.join(',')}.`,
    });
  }
  return new Set(names as EmulatedBus[]);
}

/** @throws VirtioizeError `usage` for a code that does not exist or can't be accepted. */
export function parseAccepted(codes: readonly string[]): ReadonlySet<RefusalCode> {
  for (const code of codes) {
    if (!isRefusalCode(code)) {
      throw new VirtioizeError('usage', `--accept: '${code}' is not a refusal.`, {
        hint: `Refusals are ${Object.keys(REFUSALS).join(', ')}.`,
      });
    }
    if (!isAcceptable(code)) {
      throw new VirtioizeError('usage', `--accept: '${code}' can't be accepted: the guest would not survive it.`);
    }
  }
  return new Set(codes.filter(isRefusalCode));
}

interface Responsibility {
  readonly requireEvidence: 'proven' | 'likely';
  readonly assumeDriver: boolean;
  readonly accept: readonly string[];
  readonly reason: string | undefined;
}

/** @throws VirtioizeError `usage` where something is taken on without a reason. */
export function checkReason({ requireEvidence, assumeDriver, accept, reason }: Responsibility): void {
  const taken = [
    ...(requireEvidence === 'likely' ? ['--require-evidence likely'] : []),
    ...(assumeDriver ? ['--assume-driver'] : []),
    ...(accept.length > 0 ? ['--accept'] : []),
  ];
  if (taken.length > 0 && (reason ?? '').trim() === '') {
    throw new VirtioizeError('usage', `${taken.join(' and ')} needs --reason TEXT.`, {
      hint: 'The reason is kept with the conversion, for whoever looks at it later.',
    });
  }
}
