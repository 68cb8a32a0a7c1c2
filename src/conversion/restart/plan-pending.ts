import type { Refusal } from '../../domain/finding.ts';
import type { ChangeRecord } from '../../store/record.ts';
import { acceptedWarning, splitAccepted } from '../accepted.ts';
import { instanceRefusals } from '../assess.ts';
import { type GuestFacts, readGuestDetails } from '../guest-facts.ts';
import type { ConversionOptions, GuestPlan, RestartOptions } from '../guest-plan.ts';
import { proveDriver } from '../prove-driver.ts';
import { planRollback } from '../rollback-guest.ts';
import type { HostContext } from '../run-context.ts';
import { planRestart } from './plan-restart.ts';

export interface PendingSubject {
  readonly facts: GuestFacts;
  readonly records: readonly ChangeRecord[];
  readonly earlier: ChangeRecord | undefined;
  readonly options: ConversionOptions;
  readonly restart: RestartOptions;
  readonly secrets: boolean;
  /** Whether what is found out may be kept. */
  readonly writes: boolean;
}

/**
 * Plan the restart that an earlier conversion of a running guest still waits for. Its definition stays as it is; where
 * the guest does not come up with it, the conversion is undone.
 */
export async function planPendingRestart(
  context: HostContext,
  { facts, records, earlier, options, restart, secrets, writes }: PendingSubject,
): Promise<GuestPlan> {
  const details = await readGuestDetails(context, facts);
  const undo = await planRollback(context, facts, { secrets, restoreNvram: false });
  const moves = undo.chain?.changes ?? [];
  const plan = await planRestart(context, { facts, options: restart, after: facts.definition, moves });
  const guestSide = await proveDriver(context, facts, records, options, { writes });
  // It was proven when it was converted: only what speaks against it now counts.
  const proof = guestSide.refusals.filter(({ code }) => code !== 'no-driver-evidence');
  const { refusals, accepted } = splitAccepted(
    [
      ...instanceRefusals(facts, details, options),
      ...plan.refusals,
      ...proof,
      ...(undo.definition === undefined ? [cannotUndo(undo.refusals)] : []),
    ],
    options.accepted,
  );
  return {
    at: Date.now(),
    facts,
    standing: 'pending',
    verdict: refusals.length > 0 ? 'refused' : 'planned',
    assessment: undefined,
    refusals,
    warnings: [...guestSide.warnings, ...accepted.map(acceptedWarning)],
    evidence: guestSide.evidence,
    accepted: [...accepted.map(({ code }) => code), ...guestSide.overridden],
    earlier,
    restart: plan,
    ...(undo.definition === undefined
      ? {}
      : { undo: { definition: undo.definition, undoes: undo.chain?.records.map(({ id }) => id) ?? [] } }),
  };
}

function cannotUndo(problems: readonly Refusal[]): Refusal {
  const why = problems[0]?.message ?? 'virtioize did not convert it, so there is no backup to go back to.';
  return {
    code: 'definition-changed',
    message: `Should it not come up, it could not be put back: ${why}`,
    hint: 'Shut it down and start it by hand.',
  };
}
