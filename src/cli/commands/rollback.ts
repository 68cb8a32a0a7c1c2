import { describeError } from '../../conversion/convert-guest.ts';
import { withHost, withLockedHost } from '../../conversion/open-host.ts';
import { findInterrupted, recoverAll } from '../../conversion/recover.ts';
import { resolveSelection, type SelectionOptions } from '../../conversion/resolve-selection.ts';
import type { GuestResult } from '../../conversion/result.ts';
import { planRollback, type RollbackPlan, rollbackGuest, rollbackPlanResult } from '../../conversion/rollback-guest.ts';
import type { ChangeContext } from '../../conversion/run-context.ts';
import { isVirtioizeError } from '../../error.ts';
import type { CommandContext, CommandReport } from '../command.ts';
import { confirmChange } from '../confirm.ts';

export interface RollbackOptions extends SelectionOptions {
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly restoreNvram: boolean;
}

/** Undo the last conversion of guests. */
export async function rollback(context: CommandContext, argv: RollbackOptions): Promise<CommandReport> {
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
      const guests: GuestResult[] = [];
      for (const guest of await resolveSelection(host.session, argv)) {
        guests.push(rollbackPlanResult(await planRollback(host, guest, { ...argv, secrets: false })));
      }
      return { host: host.host, dryRun: true, guests, recovered: [], unfinished: await findInterrupted(host.places) };
    });
  }
  const locking = { uri: connect, stateDir, report: onStep, command: commandLine, version, interrupted };
  return withLockedHost(locking, async (host) => {
    const recovered = await recoverAll(host);
    const plans: RollbackPlan[] = [];
    for (const guest of await resolveSelection(host.session, argv))
      plans.push(await planRollback(host, guest, { ...argv, secrets: true }));
    const changing = plans.filter(({ definition }) => definition !== undefined).map(({ facts }) => facts.name);
    const goAhead = await confirmChange(context, { verb: 'Roll back', names: changing, yes: argv.yes });
    const guests: GuestResult[] = [];
    for (const plan of plans) {
      const result = goAhead && !interrupted.aborted ? await attempt(host, plan) : skipped(plan);
      guests.push(result);
      onGuest(result);
    }
    return { host: host.host, dryRun: false, guests, recovered, unfinished: [] };
  });
}

async function attempt(host: ChangeContext, plan: RollbackPlan): Promise<GuestResult> {
  try {
    return await rollbackGuest(host, plan);
  } catch (error) {
    if (!isVirtioizeError(error) || error.code === 'state-unwritable') throw error;
    return { ...rollbackPlanResult(plan), outcome: 'failed', error: describeError(error) };
  }
}

function skipped(plan: RollbackPlan): GuestResult {
  const result = rollbackPlanResult(plan);
  return result.outcome === 'planned' ? { ...result, outcome: 'skipped' } : result;
}
