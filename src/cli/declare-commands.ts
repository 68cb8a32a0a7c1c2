import type { Argv } from 'yargs';
import type { RunCommand } from './command.ts';
import type { ConfigReport } from './commands/config-validate.ts';
import type { EnvironmentOptions } from './environment.ts';
import { USUAL_CONFIG } from './load-config.ts';
import {
  withBuses,
  withConfirmation,
  withEvidence,
  withGuests,
  withJobs,
  withNvram,
  withScreens,
  withSelection,
  withValues,
  withYes,
} from './options.ts';
import { withPrime, withPrimeTimeout, withRehearsal, withScratch, withScratchDir } from './rehearsal-options.ts';
import { withBootTimeout, withRestart } from './restart-options.ts';

export interface Declare {
  readonly choose: Choose;
  readonly values: EnvironmentOptions['values'];
}

/** Told by a command's handler: what is to be loaded and run. */
export type Choose = (command: string, changes: boolean, load: () => Promise<RunCommand>) => void;

type ChooseValidation = (validate: (file: string | false | undefined) => Promise<ConfigReport>) => void;

/** All commands, in the order in which they are told of. */
export function declareCommands(parser: Argv<object>, declare: Declare, chooseValidation: ChooseValidation): void {
  addReadingCommands(parser, declare);
  addTryingCommands(parser, declare);
  addChangingCommands(parser, declare);
  addConfigCommand(parser, chooseValidation);
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
        choose('status', false, async () => {
          const { status } = await import('./commands/status.ts');
          return (context) => status(context, { ...options, guests: named(guest, options) });
        }),
    )
    .command(
      'check [guest..]',
      'compliance, for cron and monitoring',
      (one) =>
        withValues(withScreens(withBuses(withSelection(withGuests(one)))), values)
          .example('$0 check -q', 'from cron: prints nothing where all guests are compliant')
          .example('$0 check --format nagios', 'a monitoring plugin'),
      ({ guest, ...options }) =>
        choose('check', false, async () => {
          const { check } = await import('./commands/check.ts');
          return (context) => check(context, { ...options, guests: named(guest, options) });
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
        choose('preflight', options.rehearse, async () => {
          const { preflight } = await import('./commands/preflight.ts');
          return (context) => preflight(context, { ...options, guests: named(guest, options) });
        }),
    )
    .command(
      'history [guest..]',
      'what was done, when, by whom, on what evidence',
      (one) => withValues(withGuests(one), values),
      ({ guest, ...options }) =>
        choose('history', false, async () => {
          const { history } = await import('./commands/history.ts');
          return (context) => history(context, { guests: named(guest, options) });
        }),
    );
}

/** Those that put something on the host for a while; guests' definitions stay as they are. */
function addTryingCommands(parser: Argv<object>, { choose, values }: Declare): void {
  parser
    .command(
      'rehearse [guest..]',
      'boot a throw-away clone with virtio disks; the guest is left alone',
      (one) =>
        withValues(withBootTimeout(withScratch(withJobs(withBuses(withSelection(withGuests(one)))))), values).example(
          '$0 rehearse web1',
          'see whether web1, which is off, comes up from virtio',
        ),
      ({ guest, ...options }) =>
        choose('rehearse', true, async () => {
          const { rehearse } = await import('./commands/rehearse.ts');
          return (context) => rehearse(context, { ...options, guests: named(guest, options) });
        }),
    )
    .command(
      'prime [guest..]',
      'plug a small virtio disk into running guests for a while, so that Windows binds its driver',
      (one) =>
        withValues(
          withYes(withPrimeTimeout(withScratchDir(withJobs(withBuses(withSelection(withGuests(one))))))),
          values,
        ).example('$0 prime win1', 'have win1, which runs, take up a virtio disk'),
      ({ guest, ...options }) =>
        choose('prime', true, async () => {
          const { prime } = await import('./commands/prime.ts');
          return (context) => prime(context, { ...options, guests: named(guest, options) });
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
          withConfirmation(
            withRestart(withPrime(withRehearsal(withJobs(withEvidence(withSelection(withGuests(one))))))),
          ),
          values,
        )
          .example('$0 convert --dry-run web1', 'see what would change')
          .example('$0 convert web1', 'convert one guest')
          .example("$0 convert 'web-*' --restart graceful", 'restart them one by one, undo what does not come up'),
      ({ guest, ...options }) =>
        choose('convert', !options.dryRun, async () => {
          const { convert } = await import('./commands/convert.ts');
          return (context) => convert(context, { ...options, guests: named(guest, options) });
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
        choose('rollback', !options.dryRun, async () => {
          const { rollback } = await import('./commands/rollback.ts');
          return (context) => rollback(context, { ...options, guests: named(guest, options) });
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
        choose('recover', true, async () => {
          const { recover } = await import('./commands/recover.ts');
          return (context) => recover(context, { ...options, guests: named(guest, options) });
        }),
    );
}

function addConfigCommand(parser: Argv<object>, choose: ChooseValidation): void {
  parser.command('config', 'the configuration file', (config) =>
    config.demandCommand(1, 1, 'Name what to do with it: validate.').command(
      'validate [file]',
      'check a configuration file',
      (one) => one.positional('file', { type: 'string', describe: `default ${USUAL_CONFIG}` }),
      ({ file }) =>
        choose(async (inUse) => {
          const { validateConfig } = await import('./commands/config-validate.ts');
          return validateConfig(file ?? inUse);
        }),
    ),
  );
}
