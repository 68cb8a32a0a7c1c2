import { isVirtioizeError } from '../error.ts';
import type { GuestId } from '../virsh/guests.ts';
import { attemptGuest, describeError } from './attempt-guest.ts';
import type { GuestFacts } from './guest-facts.ts';
import { resolveSelection, type SelectionOptions } from './resolve-selection.ts';
import type { GuestResult } from './result.ts';
import type { ChangeContext } from './run-context.ts';

/** How one kind of change is planned and done for a guest. */
export interface Work<Plan> {
  readonly plan: (guest: GuestId) => Promise<Plan>;
  /** What the plan comes to where nothing is done. */
  readonly asPlanned: (plan: Plan) => GuestResult;
  readonly run: (plan: Plan) => Promise<GuestResult>;
  /** Asked once, with the names of all guests that would change. */
  readonly confirm: (names: readonly string[]) => Promise<boolean>;
  readonly onResult: (result: GuestResult) => void;
  /** What recovery made of earlier runs: a guest that still needs a person is not touched. */
  readonly recovered: readonly GuestResult[];
}

/**
 * Plan for all selected guests, have it confirmed, then change them one after the other. One guest's failure does not
 * touch another; once the connection or the state directory is lost, or the run is interrupted, no new guest is begun.
 * @throws VirtioizeError `state-unwritable` where not even the first change could be written down.
 */
export async function carryOut<Plan extends { readonly facts: GuestFacts }>(
  { session, interrupted }: ChangeContext,
  selection: SelectionOptions,
  work: Work<Plan>,
): Promise<GuestResult[]> {
  const planned: (Plan | GuestResult)[] = [];
  for (const guest of await resolveSelection(session, selection)) {
    const open = work.recovered.find(({ uuid, outcome }) => uuid === guest.uuid && outcome === 'needs-attention');
    if (open !== undefined) planned.push(open);
    else if (!interrupted.aborted) planned.push(await attemptGuest(guest, () => work.plan(guest)));
  }
  const changing = planned.flatMap((plan) => (isPlan(plan) && isReady(work.asPlanned(plan)) ? [plan.facts.name] : []));
  const goAhead = await work.confirm(changing);
  const results: GuestResult[] = [];
  for (const plan of planned) {
    const mayBegin = goAhead && !interrupted.aborted && !results.some(endsTheRun);
    const result = isPlan(plan) ? await carryOutOne(plan, work, { mayBegin, earlier: results }) : plan;
    results.push(result);
    work.onResult(result);
  }
  return results;
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

async function carryOutOne<Plan>(
  plan: Plan,
  { asPlanned, run }: Work<Plan>,
  { mayBegin, earlier }: { mayBegin: boolean; earlier: readonly GuestResult[] },
): Promise<GuestResult> {
  const planned = asPlanned(plan);
  if (!isReady(planned)) return planned;
  if (!mayBegin) return { ...planned, outcome: 'skipped' };
  try {
    return await run(plan);
  } catch (error) {
    if (!isVirtioizeError(error)) throw error;
    const nothingChanged = earlier.every(({ outcome }) => !CHANGED.has(outcome));
    if (error.code === 'state-unwritable' && nothingChanged) throw error;
    return { ...planned, outcome: 'failed', error: describeError(error) };
  }
}

const CHANGED: ReadonlySet<GuestResult['outcome']> = new Set(['converted', 'rolled-back', 'needs-attention']);
