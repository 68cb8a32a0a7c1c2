import { askAgent } from '../virsh/agent.ts';
import type { GuestId } from '../virsh/guests.ts';
import type { Session } from '../virsh/session.ts';
import { readChannelState } from './agent/agent-abilities.ts';
import { agentEvidence } from './agent/agent-evidence.ts';
import type { AgentPort } from './agent/agent-port.ts';
import { flushDisks } from './agent/flush-disks.ts';
import { attachedEvidence } from './attached.ts';
import type { Testimony } from './evidence.ts';
import { type KeptInspections, offlineEvidence } from './offline/offline-evidence.ts';
import { isUndecided } from './weigh.ts';

export interface EvidenceRequest extends GuestId {
  readonly definition: string;
  /** The running instance's definition; undefined where the guest does not run. */
  readonly live: string | undefined;
  /** Whether something holds what is not on its disks yet: a running or paused instance, or a saved one. */
  readonly inUse: boolean;
  /** Virtio disks that virtioize made: that they are attached proves nothing. */
  readonly convertedBefore: ReadonlySet<string>;
  /** Why the admin vouches for the driver (`--assume-driver`). */
  readonly vouch: string | undefined;
  readonly kept: KeptInspections;
  readonly interrupted: AbortSignal;
}

/**
 * Ask every source that can say something about a guest now, from the cheap to the sure: its disks are not looked into
 * where its agent has told what there is to know. Read-only.
 */
export async function gatherEvidence(session: Session, request: EvidenceRequest): Promise<Testimony[]> {
  const { definition, live, convertedBefore, vouch } = request;
  const agent: AgentPort = (execute, args, timeoutSeconds) =>
    askAgent(session, request, args === undefined ? { execute } : { execute, arguments: args }, timeoutSeconds);
  const testimonies = live === undefined ? [] : [await agentEvidence(agent, { ...request, live })];
  if (isUndecided(testimonies))
    testimonies.push(
      await offlineEvidence(session, {
        ...request,
        flush: async () =>
          live !== undefined &&
          readChannelState(live) === 'connected' &&
          // else a virsh whose reader is killed may end between the freeze and the thaw
          session.outlivesReader &&
          flushDisks(agent),
      }),
    );
  const attached = attachedEvidence(definition, convertedBefore);
  if (attached !== undefined) testimonies.push(attached);
  if (vouch !== undefined) testimonies.push(attestedTestimony(vouch));
  return testimonies;
}

/** The admin's word is no proof: it lets the guest pass, and is kept. */
function attestedTestimony(reason: string): Testimony {
  return {
    evidence: {
      source: 'attested',
      verdict: 'likely',
      summary: 'The admin vouches for the driver.',
      facts: { reason },
    },
    refusals: [],
    warnings: [],
  };
}
