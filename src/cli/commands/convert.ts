import { planResult } from '../../conversion/convert-guest.ts';
import { convertGuests } from '../../conversion/convert-guests.ts';
import { withHost, withLockedHost } from '../../conversion/open-host.ts';
import { type GuestPlan, planGuest } from '../../conversion/plan-guest.ts';
import { planOnly } from '../../conversion/plan-only.ts';
import { recoverAll } from '../../conversion/recover.ts';
import { resolveSelection } from '../../conversion/resolve-selection.ts';
import type { CommandContext, CommandReport } from '../command.ts';
import { confirmChange } from '../confirm.ts';
import { readConversionOptions } from '../conversion-options.ts';
import type { PreflightOptions } from './preflight.ts';

export interface ConvertOptions extends PreflightOptions {
  readonly dryRun: boolean;
  readonly yes: boolean;
}

/** Move the emulated disks of guests to virtio: preflight, back up, rewrite, redefine, verify. */
export async function convert(context: CommandContext, argv: ConvertOptions): Promise<CommandReport> {
  const options = await readConversionOptions(argv);
  const {
    options: { connect, stateDir },
    onStep,
    onGuest,
    interrupted,
    commandLine,
    version,
  } = context;
  if (argv.dryRun) {
    return withHost({ uri: connect, stateDir, report: onStep }, async (host) => {
      const plans = await planOnly(host, argv, options, { remember: false, interrupted, onGuest });
      return { host: host.host, dryRun: true, recovered: [], ...plans };
    });
  }
  const locking = { uri: connect, stateDir, report: onStep, command: commandLine, version, interrupted };
  return withLockedHost(locking, async (host) => {
    const recovered = await recoverAll(host);
    const plans: GuestPlan[] = [];
    for (const guest of await resolveSelection(host.session, argv)) {
      if (!interrupted.aborted) plans.push(await planGuest(host, guest, options, { secrets: true }));
    }
    const changing = plans.filter(({ verdict }) => verdict === 'planned').map(({ facts }) => facts.name);
    const report = { host: host.host, dryRun: false, recovered, unfinished: [] };
    if (!(await confirmChange(context, { verb: 'Convert', names: changing, yes: argv.yes }))) {
      return {
        ...report,
        guests: plans
          .map((plan) => planResult(plan))
          .map((guest) => (guest.outcome === 'planned' ? { ...guest, outcome: 'skipped' } : guest)),
      };
    }
    return { ...report, guests: await convertGuests(host, plans, argv.reason, onGuest) };
  });
}
