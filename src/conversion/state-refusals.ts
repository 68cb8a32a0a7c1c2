import type { Refusal } from '../domain/finding.ts';
import type { GuestFacts } from './guest-facts.ts';

const SETTLED_STATES = new Set(['running', 'idle', 'shut off']);

/**
 * What the state of a guest says against changing its definition now.
 * @param job the job that holds it, where that is known.
 */
export function stateRefusals(facts: GuestFacts, job?: string): Refusal[] {
  const refusals: Refusal[] = [];
  if (!facts.persistent) {
    refusals.push({
      code: 'transient-guest',
      message: 'The guest is transient: it has no persistent definition that could be changed.',
      hint: 'Make it persistent first (virsh dumpxml, virsh define) if it is meant to stay.',
    });
  }
  if (facts.managedSave) {
    refusals.push({
      code: 'managed-save',
      message: 'The guest has a managed save: its next start would resume the disks that it has there.',
      hint: 'Start it and shut it down in full, or discard its memory with virsh managedsave-remove, then try again.',
    });
  }
  if (!SETTLED_STATES.has(facts.state) || job !== undefined) {
    refusals.push({
      code: 'guest-busy',
      message: `The guest is not settled: it is '${facts.state}'${job === undefined ? '' : ` with a job under way (${job})`}.`,
      hint: 'Wait until it runs or is shut off, or bring it there (virsh resume, virsh destroy), then try again.',
    });
  }
  return refusals;
}
