import { askAgent } from '../virsh/agent.ts';
import type { GuestId } from '../virsh/guests.ts';
import type { Session } from '../virsh/session.ts';
import { agentEvidence } from './agent/agent-evidence.ts';
import { attachedEvidence } from './attached.ts';
import type { Testimony } from './evidence.ts';

export interface EvidenceRequest extends GuestId {
  readonly definition: string;
  /** The running instance's definition; undefined where the guest does not run. */
  readonly live: string | undefined;
  /** Virtio disks that virtioize made: that they are attached proves nothing. */
  readonly convertedBefore: ReadonlySet<string>;
  /** Why the admin vouches for the driver (`--assume-driver`). */
  readonly vouch: string | undefined;
}

/** Ask every source that can say something about a guest now. Read-only; the guest is asked through its agent alone. */
export async function gatherEvidence(session: Session, request: EvidenceRequest): Promise<Testimony[]> {
  const { definition, live, convertedBefore, vouch } = request;
  const agent =
    live === undefined
      ? offTestimony()
      : await agentEvidence(
          (execute, args, timeoutSeconds) =>
            askAgent(session, request, args === undefined ? { execute } : { execute, arguments: args }, timeoutSeconds),
          { ...request, live },
        );
  return [
    agent,
    attachedEvidence(definition, convertedBefore),
    vouch === undefined ? undefined : attestedTestimony(vouch),
  ].filter((testimony) => testimony !== undefined);
}

function offTestimony(): Testimony {
  return {
    evidence: {
      source: 'agent',
      verdict: 'unknown',
      summary: 'The guest does not run, so its agent can not be asked.',
      facts: {},
    },
    refusals: [],
    warnings: [],
  };
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
