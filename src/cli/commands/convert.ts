import { carryOut } from '../../conversion/carry-out.ts';
import { convertGuest, planResult } from '../../conversion/convert-guest.ts';
import { withHost, withLockedHost } from '../../conversion/open-host.ts';
import { planGuest, refreshPlan } from '../../conversion/plan-guest.ts';
import { planOnly } from '../../conversion/plan-only.ts';
import { recoverAll } from '../../conversion/recover.ts';
import { startWanted } from '../../conversion/restart/start-wanted.ts';
import type { Outcome } from '../../conversion/result.ts';
import { noteTold } from '../../conversion/told/note-told.ts';
import type { CommandContext, CommandReport } from '../command.ts';
import { confirmChange } from '../confirm.ts';
import { readConversionOptions } from '../conversion-options.ts';
import { pruneAsAsked } from '../prune-as-asked.ts';
import { type RestartArguments, readRunLimits } from '../restart-options.ts';
import type { PreflightOptions } from './preflight.ts';

export interface ConvertOptions extends PreflightOptions, RestartArguments {
  readonly dryRun: boolean;
  readonly yes: boolean;
}

const FAILURES: ReadonlySet<Outcome> = new Set(['failed', 'rolled-back', 'needs-attention']);

/** Move the emulated disks of guests to virtio: preflight, back up, rewrite, redefine, verify, restart where that is asked for. */
export async function convert(context: CommandContext, argv: ConvertOptions): Promise<CommandReport> {
  const options = await readConversionOptions(argv);
  const limits = readRunLimits(argv);
  const { reading, changing, onGuest } = context;
  if (argv.dryRun) {
    return withHost(reading, async (host) => {
      const plans = await planOnly(host, argv, options, { remember: false, jobs: limits.planJobs, onGuest });
      return { host: host.host, dryRun: true, recovered: [], ...plans };
    });
  }
  return withLockedHost(changing, async (host) => {
    const recovered = await recoverAll(host);
    const guests = await carryOut(host, argv, {
      plan: (guest) => planGuest(host, guest, options, { secrets: true, writes: true }),
      asPlanned: planResult,
      run: async (plan) => convertGuest(host, await refreshPlan(host, plan, options), argv.reason),
      confirm: (names) => confirmChange(context, { verb: 'Convert', names, yes: argv.yes }),
      onResult: onGuest,
      recovered,
      ...limits,
      isFailure: ({ outcome }) => FAILURES.has(outcome),
    });
    const late = options.restart === undefined ? [] : await startWanted(host);
    await pruneAsAsked(context, host);
    const report = { host: host.host, dryRun: false, recovered: [...recovered, ...late], unfinished: [], guests };
    return context.tellsNewsOnly ? { ...report, nothingNew: await noteTold(host, guests) } : report;
  });
}
