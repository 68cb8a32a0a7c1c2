import { adoptLiveSources, findSourceDrift } from '../domain/live-source.ts';
import { showDiff } from '../domain/show-diff.ts';
import type { GuestId } from '../virsh/guests.ts';
import { changeDefinition } from './change-definition.ts';
import { finishResult, restartOf } from './finish-result.ts';
import { readGuestFacts } from './guest-facts.ts';
import { emptyResult, type GuestResult } from './result.ts';
import type { ChangeContext } from './run-context.ts';

/**
 * Write the images that a running guest works on into its persistent definition, where that names others
 * (`source-drift`).
 * @throws VirtioizeError `state-unwritable`
 */
export async function adoptLiveSourcesOf(context: ChangeContext, guest: GuestId): Promise<GuestResult> {
  const facts = await readGuestFacts(context, guest, { secrets: true });
  const base = emptyResult(facts);
  const drift = facts.live === undefined ? [] : findSourceDrift(facts.definition, facts.live);
  if (facts.live === undefined || drift.length === 0) return { ...base, outcome: 'compliant' };
  const after = adoptLiveSources(facts.definition, facts.live);
  const end = await changeDefinition(context, {
    guest: facts,
    action: 'adopt-live-source',
    before: facts.definition,
    after,
    active: true,
    facts: { changes: [], evidence: [], accepted: [] },
  });
  const planned: GuestResult = { ...base, outcome: 'planned', diff: () => showDiff(facts.definition, after) };
  return finishResult(planned, end, restartOf(after, facts.live));
}
