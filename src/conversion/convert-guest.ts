import { type Disk, readDisks } from '../domain/disk.ts';
import type { Refusal } from '../domain/finding.ts';
import { parseDefinition } from '../domain/xml.ts';
import { describeError } from './attempt-guest.ts';
import { type ChangeEnd, changeDefinition, type DefinitionChange } from './change-definition.ts';
import { keepEvidence } from './keep-evidence.ts';
import { copyNvram } from './nvram.ts';
import type { GuestPlan } from './plan-guest.ts';
import { planDiff } from './plan-guest.ts';
import type { DiskResult, GuestResult, Restart } from './result.ts';
import type { ChangeContext } from './run-context.ts';

/** What a plan comes to where nothing is done: for `preflight` and `--dry-run`, and for guests that are refused. */
export function planResult(plan: GuestPlan): GuestResult {
  const { facts, assessment, refusals, warnings, evidence } = plan;
  const base = { name: facts.name, uuid: facts.uuid, state: facts.state, refusals, evidence };
  if (plan.verdict === 'nothing-to-do') return { ...base, warnings, disks: [], ...nothingToDo(plan) };
  const diff = planDiff(plan);
  return {
    ...base,
    warnings,
    outcome: plan.verdict,
    disks: diskResults(plan, plan.verdict === 'planned' ? 'planned' : 'unchanged'),
    ...(assessment === undefined || diff === '' ? {} : { diff }),
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

function diskResults({ assessment }: GuestPlan, outcome: DiskResult['outcome']): DiskResult[] {
  return (assessment?.rewrite.changes ?? []).map((change) => ({ ...change, outcome }));
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
  const after = plan.assessment?.rewrite.definition;
  if (plan.verdict !== 'planned' || plan.assessment === undefined || after === undefined) return planResult(plan);
  const { facts, assessment } = plan;
  const renames = assessment.rewrite.changes.some(({ from }) => from.bus === 'virtio');
  const nvram = await copyNvram(facts.definition, context.uri);
  const change: DefinitionChange = {
    guest: facts,
    action: 'convert',
    before: facts.definition,
    after,
    active: facts.active,
    ...(nvram.nvram === undefined ? {} : { nvram: nvram.nvram }),
    facts: {
      changes: assessment.rewrite.changes,
      evidence: plan.evidence,
      accepted: plan.accepted,
      ...(reason === undefined ? {} : { reason }),
      ...(renames && plan.earlier !== undefined ? { continues: plan.earlier.id } : {}),
    },
  };
  const end = await changeDefinition(context, change);
  await keepEvidence(context, { uuid: facts.uuid, evidence: plan.evidence });
  const planned = planResult(plan);
  return finishResult(
    { ...planned, warnings: [...planned.warnings, ...nvram.warnings] },
    end,
    restartOf(after, facts.live),
  );
}

/** Whether a definition takes effect only once its running instance has been powered off and started. */
export function restartOf(definition: string, live: string | undefined): Restart {
  if (live === undefined) return 'not-needed';
  const running = readDisks(parseDefinition(live));
  const isRunning = ({ target, bus }: Disk): boolean =>
    running.some((disk) => disk.target === target && disk.bus === bus);
  const disks = readDisks(parseDefinition(definition)).filter(({ device }) => device === 'disk');
  return disks.every(isRunning) ? 'not-needed' : 'pending';
}

/** What the end of a change makes of a guest's result. */
export function finishResult(planned: GuestResult, end: ChangeEnd, restart: Restart): GuestResult {
  const disks = (outcome: DiskResult['outcome']): DiskResult[] => planned.disks.map((disk) => ({ ...disk, outcome }));
  const result = { ...planned, conversionId: end.id };
  switch (end.side) {
    case 'done':
      return { ...result, outcome: 'converted', restart, disks: disks('converted') };
    case 'undone':
      return { ...result, outcome: 'failed', error: describeError(end.error), disks: disks('unchanged') };
    case 'changed-meanwhile':
      return {
        ...result,
        outcome: 'refused',
        refusals: [...planned.refusals, changedRefusal()],
        disks: disks('unchanged'),
      };
    case 'unsettled':
      return { ...result, outcome: 'needs-attention', error: describeError(end.error), disks: disks('unchanged') };
  }
}

function changedRefusal(): Refusal {
  return {
    code: 'definition-changed',
    message: 'Somebody else changed, started or stopped the guest while it was being converted; it was not touched.',
    hint: 'Run virtioize again: it looks at the guest as it is now.',
  };
}
