import { attemptGuest } from '../../conversion/attempt-guest.ts';
import { carryOut } from '../../conversion/carry-out.ts';
import { findInterrupted } from '../../conversion/find-interrupted.ts';
import { recoverAll } from '../../conversion/recover.ts';
import { resolveSelection, type SelectionOptions } from '../../conversion/resolve-selection.ts';
import type { GuestResult } from '../../conversion/result.ts';
import { planRollback, rollbackGuest, rollbackPlanResult } from '../../conversion/rollback-guest.ts';
import type { CommandContext, CommandReport } from '../command.ts';
import { confirmChange } from '../confirm.ts';
import { type RestartArguments, readRestartOptions, readRunLimits } from '../restart-options.ts';

export interface RollbackOptions extends SelectionOptions, RestartArguments {
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly restoreNvram: boolean;
}

/** Undo the last conversion of guests. */
export async function rollback(context: CommandContext, argv: RollbackOptions): Promise<CommandReport> {
  const { onGuest } = context;
  const { restoreNvram } = argv;
  const restart = readRestartOptions(argv);
  const limits = readRunLimits(argv);
  if (argv.dryRun) {
    const host = await context.reachHost();
    const guests: GuestResult[] = [];
    for (const guest of await resolveSelection(host, argv)) {
      const plan = await attemptGuest(guest, () =>
        planRollback(host, guest, { restoreNvram, restart, secrets: false }),
      );
      guests.push('facts' in plan ? rollbackPlanResult(plan) : plan);
    }
    return { host: host.host, dryRun: true, guests, recovered: [], unfinished: await findInterrupted(host.places) };
  }
  const host = await context.reachLockedHost();
  const recovered = await recoverAll(host);
  const guests = await carryOut(host, argv, {
    plan: (guest) => planRollback(host, guest, { restoreNvram, restart, secrets: true }),
    asPlanned: rollbackPlanResult,
    run: (plan) => rollbackGuest(host, plan),
    confirm: (plans) => confirmChange(context, { verb: 'Roll back', plans, yes: argv.yes }),
    onResult: onGuest,
    recovered,
    ...limits,
    isFailure: ({ outcome }) => outcome === 'failed' || outcome === 'needs-attention',
  });
  return { host: host.host, dryRun: false, recovered, unfinished: [], guests };
}
