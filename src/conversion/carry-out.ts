import { isVirtioizeError } from '../error.ts';
import type { GuestId } from '../virsh/guests.ts';
import { attemptGuest, describeError, outcomeOf } from './attempt-guest.ts';
import type { GuestFacts } from './guest-facts.ts';
import { resolveSelection, type SelectionOptions } from './resolve-selection.ts';
import { emptyResult, type GuestResult } from './result.ts';
import type { ChangeContext } from './run-context.ts';
import { settleAll } from './settle-all.ts';

/** How one kind of change is planned and done for a guest. */
export interface Work<Plan> {
  /** A result where the guest is left as it is. */
  readonly plan: (guest: GuestId) => Promise<Plan | GuestResult>;
  /** What the plan comes to where nothing is done. */
  readonly asPlanned: (plan: Plan) => GuestResult;
  readonly run: (plan: Plan) => Promise<GuestResult>;
  /** Asked once, with what would become of each guest. */
  readonly confirm: (planned: readonly GuestResult[]) => Promise<boolean>;
  readonly onResult: (result: GuestResult) => void;
  /** What recovery made of earlier runs: a guest that still needs a person is not touched. */
  readonly recovered: readonly GuestResult[];
  /** How many guests are looked into at the same time. */
  readonly planJobs: number;
  /** How many are changed at the same time. */
  readonly jobs: number;
  /** After so many failures no new guest is begun. */
  readonly maxFailures: number;
  readonly isFailure: (result: GuestResult) => boolean;
}

/**
 * Plan for all selected guests, have it confirmed, then change them in their order, some at a time. One guest's failure
 * does not touch another; once the connection or the state directory is lost, too many have failed, or the run is
 * interrupted, no new guest is begun.
 * @throws VirtioizeError `state-unwritable` where not even the first change could be written down.
 */
export async function carryOut<Plan extends { readonly facts: GuestFacts }>(
  { session, survey, interrupted }: ChangeContext,
  selection: SelectionOptions,
  work: Work<Plan>,
): Promise<GuestResult[]> {
  const selected = await resolveSelection({ session, survey }, selection);
  const planned = await settleAll(selected, work.planJobs, async (guest): Promise<Plan | GuestResult> => {
    const open = work.recovered.find(({ uuid, outcome }) => uuid === guest.uuid && outcome === 'needs-attention');
    if (open !== undefined) return open;
    const plan = interrupted.aborted ? undefined : await attemptGuest(guest, () => work.plan(guest));
    // A proof that was cut short proves nothing, which is not worth a word: the next run knows better.
    const isCutShort = plan === undefined || (interrupted.aborted && asResult(plan, work).outcome === 'refused');
    return isCutShort ? { ...emptyResult(guest), outcome: 'skipped' } : plan;
  });
  const goAhead = await work.confirm(planned.map((plan) => asResult(plan, work)));
  const run = createRun(work);
  return settleAll(planned, work.jobs, async (plan) => {
    const result = isPlan(plan) ? await run(plan, goAhead && !interrupted.aborted) : plan;
    work.onResult(result);
    return result;
  });
}

/** Does one guest after another, and remembers how it went, for the next ones. */
function createRun<Plan>(work: Work<Plan>): (plan: Plan, mayBegin: boolean) => Promise<GuestResult> {
  const done: GuestResult[] = [];
  let underWay = 0;
  let isBroken = false;
  return async (plan, mayBegin) => {
    const planned = work.asPlanned(plan);
    if (!isReady(planned)) return planned;
    const isStopped = isBroken || done.some(endsTheRun) || done.filter(work.isFailure).length >= work.maxFailures;
    if (!mayBegin || isStopped) return { ...untouched(planned), outcome: 'skipped' };
    underWay += 1;
    const result = await work.run(plan).catch((error: unknown): GuestResult => {
      const isFirst = underWay === 1 && done.every(({ outcome }) => !CHANGED.has(outcome));
      if (!isVirtioizeError(error) || (error.code === 'state-unwritable' && isFirst)) {
        isBroken = true;
        throw error;
      }
      return { ...untouched(planned), outcome: outcomeOf(error), error: describeError(error) };
    });
    underWay -= 1;
    done.push(result);
    return result;
  };
}

/** A planned guest's result without what was to become of it. */
function untouched({ restart: _, ...planned }: GuestResult): GuestResult {
  return planned;
}

function asResult<Plan extends { readonly facts: GuestFacts }>(
  plan: Plan | GuestResult,
  { asPlanned }: Work<Plan>,
): GuestResult {
  return isPlan(plan) ? asPlanned(plan) : plan;
}

function isPlan<Plan extends { readonly facts: GuestFacts }>(plan: Plan | GuestResult): plan is Plan {
  return 'facts' in plan;
}

function isReady({ outcome }: GuestResult): boolean {
  return outcome === 'planned';
}

function endsTheRun({ error }: GuestResult): boolean {
  return error?.code === 'connection-lost' || error?.code === 'command-timeout' || error?.code === 'state-unwritable';
}

const CHANGED: ReadonlySet<GuestResult['outcome']> = new Set(['converted', 'rolled-back', 'needs-attention']);
