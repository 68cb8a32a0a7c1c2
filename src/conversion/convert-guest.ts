import { acceptedWarning, splitAccepted } from './accepted.ts';
import { changeDefinition, type DefinitionChange } from './change-definition.ts';
import { finishResult, restartOf } from './finish-result.ts';
import type { GuestPlan, ProofWhileOff } from './guest-plan.ts';
import { keepEvidence } from './keep-evidence.ts';
import { copyNvram } from './nvram.ts';
import { planDiff } from './plan-guest.ts';
import { proveWhileOff } from './prove-driver.ts';
import { prepareRestart } from './restart/prepare-restart.ts';
import type { DiskResult, GuestResult } from './result.ts';
import type { ChangeContext } from './run-context.ts';

/** What a plan comes to where nothing is done: for `preflight` and `--dry-run`, and for guests that are refused. */
export function planResult(plan: GuestPlan): GuestResult {
  const { facts, assessment, refusals, warnings, evidence } = plan;
  const base = { name: facts.name, uuid: facts.uuid, state: facts.state, refusals, evidence };
  if (plan.verdict === 'nothing-to-do') return { ...base, warnings, disks: [], ...nothingToDo(plan) };
  const after = assessment?.rewrite.definition;
  return {
    ...base,
    warnings,
    outcome: plan.verdict,
    ...(plan.verdict === 'planned' && after !== undefined && plan.restart === undefined
      ? { restart: restartOf(after, facts.live) }
      : {}),
    disks: diskResults(plan, plan.verdict === 'planned' ? 'planned' : 'unchanged'),
    ...(assessment === undefined ? {} : { diff: () => planDiff(plan) }),
  };
}

function nothingToDo({
  standing,
  earlier,
  facts,
}: GuestPlan): Pick<GuestResult, 'outcome' | 'restart' | 'conversionId'> {
  if (standing !== 'pending') return { outcome: 'compliant' };
  const conversion = earlier === undefined ? {} : { conversionId: earlier.id };
  return { outcome: 'converted', restart: facts.active || facts.managedSave ? 'pending' : 'not-needed', ...conversion };
}

function diskResults({ assessment, restart }: GuestPlan, outcome: DiskResult['outcome']): DiskResult[] {
  return (assessment?.rewrite.changes ?? restart?.moves ?? []).map((change) => ({ ...change, outcome }));
}

/**
 * Carry out a plan that nothing refuses.
 * @throws VirtioizeError `state-unwritable` where backup or journal can't be written; the guest is as it was.
 */
export async function convertGuest(
  context: ChangeContext,
  plan: GuestPlan,
  reason: string | undefined,
): Promise<GuestResult> {
  const { facts, assessment, undo, proofWhileOff } = plan;
  const after = undo === undefined ? assessment?.rewrite.definition : facts.definition;
  if (plan.verdict !== 'planned' || after === undefined) return planResult(plan);
  const changes = assessment?.rewrite.changes ?? [];
  const renames = changes.some(({ from }) => from.bus === 'virtio');
  const nvram = await copyNvram(facts.definition, context.uri);
  const restart = plan.restart === undefined ? undefined : await prepareRestart(context, facts, plan.restart);
  let seen: SeenOff | undefined;
  const change: DefinitionChange = {
    guest: facts,
    action: 'convert',
    before: facts.definition,
    after,
    active: facts.active,
    ...(nvram.nvram === undefined ? {} : { nvram: nvram.nvram }),
    ...(restart === undefined ? {} : { restart }),
    ...(undo === undefined ? {} : { undo: undo.definition }),
    ...(proofWhileOff === undefined
      ? {}
      : {
          async proveWhileOff() {
            seen = await seeOff(context, plan, proofWhileOff);
            return { ...seen, mayGoOn: seen.refusals.length === 0 };
          },
        }),
    facts: {
      changes,
      evidence: plan.evidence,
      accepted: plan.accepted,
      ...(reason === undefined ? {} : { reason }),
      ...(renames && plan.earlier !== undefined ? { continues: plan.earlier.id } : {}),
      ...(undo === undefined ? {} : { undoes: [...undo.undoes] }),
    },
  };
  const end = await changeDefinition(context, change);
  const { warnings, evidence, refusals } = { ...plan, ...seen };
  await keepEvidence(context, { uuid: facts.uuid, evidence });
  const planned = { ...planResult(plan), warnings, evidence, refusals };
  return finishResult(
    { ...planned, warnings: [...planned.warnings, ...nvram.warnings] },
    end,
    restartOf(after, facts.live),
  );
}

type SeenOff = Pick<GuestPlan, 'refusals' | 'warnings' | 'evidence' | 'accepted'>;

/** What the disks of a guest that was shut down say, in place of what its plan says of its driver. */
async function seeOff(context: ChangeContext, plan: GuestPlan, proof: ProofWhileOff): Promise<SeenOff> {
  const { facts, assessment } = plan;
  const { definition: after = facts.definition, changes = [] } = assessment?.rewrite ?? {};
  const prospect = { after, moves: changes };
  const side = await proveWhileOff(context, facts, { earlier: proof.testimonies, prospect }, proof.options);
  const { refusals, accepted } = splitAccepted(side.refusals, proof.options.accepted);
  return {
    refusals,
    evidence: side.evidence,
    accepted: [...accepted.map(({ code }) => code), ...side.overridden],
    warnings: [...(assessment?.warnings ?? []), ...side.warnings, ...accepted.map(acceptedWarning)],
  };
}
