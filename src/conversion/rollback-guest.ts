import type { Refusal } from '../domain/finding.ts';
import { adoptLiveSources } from '../domain/live-source.ts';
import { reverseRewrite } from '../domain/reverse.ts';
import type { DiskChange } from '../domain/rewrite.ts';
import { showDiff } from '../domain/show-diff.ts';
import { VirtioizeError } from '../error.ts';
import { changeFiles } from '../store/change-files.ts';
import { readIfPresent } from '../store/durable-file.ts';
import { readGuestRecords } from '../store/past-records.ts';
import type { ChangeRecord } from '../store/record.ts';
import type { GuestId } from '../virsh/guests.ts';
import { changeDefinition } from './change-definition.ts';
import { finishResult, restartOf } from './finish-result.ts';
import { type GuestFacts, readGuestFacts } from './guest-facts.ts';
import type { RestartOptions } from './guest-plan.ts';
import { type ConversionChain, lastChain } from './past-conversions.ts';
import { planRestart, type RestartPlan } from './restart/plan-restart.ts';
import { prepareRestart } from './restart/prepare-restart.ts';
import { emptyResult, type GuestResult } from './result.ts';
import type { ChangeContext, HostContext } from './run-context.ts';
import { stateRefusals } from './state-refusals.ts';

export interface RollbackOptions {
  /** The definition is going to be defined, so it must be read with its passwords. */
  readonly secrets: boolean;
  /** Put the UEFI variables back as well. */
  readonly restoreNvram: boolean;
  /** Restart a running guest that runs with the disks it was converted to; undefined: leave it pending. */
  readonly restart?: RestartOptions | undefined;
}

/** How a guest's last conversion would be taken back. */
export interface RollbackPlan {
  readonly facts: GuestFacts;
  readonly chain: ConversionChain | undefined;
  /** The definition to go back to; undefined where there is nothing to undo or something is in the way. */
  readonly definition: string | undefined;
  readonly refusals: readonly Refusal[];
  readonly nvram: ChangeRecord['restoresNvram'];
  /** Undefined where the guest is not going to be restarted. */
  readonly restart?: RestartPlan;
}

/** Work out how the last conversion of a guest is undone: to the letter where nothing changed since, else disks only. */
export async function planRollback(
  context: HostContext,
  guest: GuestId,
  options: RollbackOptions,
): Promise<RollbackPlan> {
  const plan = await planDefinition(context, guest, options);
  const { facts, chain, definition } = plan;
  if (options.restart === undefined || chain === undefined || definition === undefined) return plan;
  if (restartOf(definition, facts.live) !== 'pending') return plan;
  const moves = chain.changes.map(inverse);
  const restart = await planRestart(context, { facts, options: options.restart, after: definition, moves });
  return { ...plan, restart, refusals: [...plan.refusals, ...restart.refusals] };
}

async function planDefinition(context: HostContext, guest: GuestId, options: RollbackOptions): Promise<RollbackPlan> {
  const facts = await readGuestFacts(context, guest, options);
  const chain = lastChain(await readGuestRecords(context.places.backups, guest.uuid));
  if (chain === undefined) return { facts, chain, definition: undefined, refusals: [], nvram: undefined };
  const { nvram, refusals: nvramRefusals } = planNvram(context, facts, chain, options);
  const refusals = [...stateRefusals(facts), ...nvramRefusals];
  const files = chain.records.map(({ id }) => changeFiles(context.places.backups, guest.uuid, id));
  const stored = await Promise.all(
    files.map(async (one) => [await readBackup(one.before), await readBackup(one.after)] as const),
  );
  const before = stored[0]?.[0] ?? '';
  const after = stored.at(-1)?.[1] ?? '';
  const isSeamless = stored.every(([start], position) => position === 0 || start === stored[position - 1]?.[1]);
  const current = facts.live === undefined ? facts.definition : adoptLiveSources(facts.definition, facts.live);
  if (current === after && isSeamless) return { facts, chain, definition: before, refusals, nvram };
  const { definition, problems } = reverseRewrite(current, before, chain.changes);
  return { facts, chain, definition, refusals: [...refusals, ...problems.map(mismatch)], nvram };
}

function planNvram(
  { places }: HostContext,
  { active, uuid }: GuestFacts,
  { records }: ConversionChain,
  { restoreNvram }: RollbackOptions,
): Pick<RollbackPlan, 'nvram' | 'refusals'> {
  const first = records[0];
  if (!restoreNvram || first?.nvram === undefined) return { nvram: undefined, refusals: [] };
  const nvram = { copy: changeFiles(places.backups, uuid, first.id).nvram, path: first.nvram };
  if (!active) return { nvram, refusals: [] };
  const message = 'The guest runs and uses its UEFI variables; they can be put back only while it is off.';
  return {
    nvram,
    refusals: [{ code: 'guest-busy', message, hint: 'Shut it down first, or leave --restore-nvram out.' }],
  };
}

async function readBackup(path: string): Promise<string> {
  const text = await readIfPresent(path);
  if (text !== undefined) return text;
  throw new VirtioizeError('record-unreadable', `The backup ${path} is gone.`, {
    hint: 'Without it the conversion can not be undone; change the disks by hand with virsh edit.',
  });
}

function mismatch(problem: string): Refusal {
  return {
    code: 'definition-changed',
    message: `The conversion can not be undone on the definition as it is now: ${problem}.`,
    hint: 'Change the disks by hand with virsh edit; the old definition is in the backup (virtioize history shows where).',
  };
}

/** The plan as a result, nothing being done. */
export function rollbackPlanResult({ facts, chain, definition, refusals, restart }: RollbackPlan): GuestResult {
  const base = { ...emptyResult(facts), refusals };
  if (chain === undefined) return { ...base, outcome: 'compliant' };
  const disks = chain.changes.map(inverse).map((change) => ({ ...change, outcome: 'planned' as const }));
  const shown = { disks, ...(definition === undefined ? {} : { diff: () => showDiff(facts.definition, definition) }) };
  if (refusals.length > 0 || definition === undefined) return { ...base, outcome: 'refused', ...shown };
  const left = restart === undefined ? { restart: restartOf(definition, facts.live) } : {};
  return { ...base, outcome: 'planned', ...left, ...shown };
}

function inverse({ from, to, source }: DiskChange): DiskChange {
  return { source, from: to, to: from, dropped: [] };
}

/**
 * Undo the last conversion of a guest.
 * @throws VirtioizeError `state-unwritable` where backup or journal can't be written; the guest is as it was.
 */
export async function rollbackGuest(context: ChangeContext, plan: RollbackPlan): Promise<GuestResult> {
  const planned = rollbackPlanResult(plan);
  const { facts, chain, definition, nvram } = plan;
  if (planned.outcome !== 'planned' || chain === undefined || definition === undefined) return planned;
  const restart = plan.restart === undefined ? undefined : await prepareRestart(context, facts, plan.restart);
  const end = await changeDefinition(context, {
    guest: facts,
    action: 'rollback',
    before: facts.definition,
    after: definition,
    active: facts.active,
    ...(restart === undefined ? {} : { restart }),
    facts: {
      changes: planned.disks.map(({ source, from, to }) => ({ source, from, to, dropped: [] })),
      evidence: [],
      accepted: [],
      undoes: chain.records.map(({ id }) => id),
      ...(nvram === undefined ? {} : { restoresNvram: nvram }),
    },
  });
  return rollbackOutcome(finishResult(planned, end, restartOf(definition, facts.live)));
}

/**
 * A rollback that was done is `rolled-back`; one whose guest did not come up, so that it was taken back itself, has
 * failed.
 */
export function rollbackOutcome(result: GuestResult): GuestResult {
  const disks = (outcome: 'rolled-back' | 'unchanged') => result.disks.map((disk) => ({ ...disk, outcome }));
  if (result.outcome === 'converted') return { ...result, outcome: 'rolled-back', disks: disks('rolled-back') };
  if (result.outcome === 'rolled-back') return { ...result, outcome: 'failed', disks: disks('unchanged') };
  return result;
}
