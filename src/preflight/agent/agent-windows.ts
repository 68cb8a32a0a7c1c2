import { readDisks } from '../../domain/disk.ts';
import { diskIdOf, type VirtioDiskId } from '../../domain/virtio-id.ts';
import { type ReadDocument, readDefinition } from '../../domain/xml.ts';
import { orUnreadable, UnreadableError } from '../guest-files.ts';
import type { Judgement } from '../judgement.ts';
import { examineWindows, readWindowsMachine } from '../windows/examine-windows.ts';
import { readSystemRoot } from '../windows/windows-version.ts';
import { abilitiesOf } from './agent-abilities.ts';
import { agentFiles } from './agent-files.ts';
import type { AgentPort } from './agent-port.ts';
import { agentRegistry } from './agent-registry.ts';
import { boundedAgent } from './bounded-agent.ts';
import { virtioDisksInUse } from './windows-devices.ts';
import { windowsFiles } from './windows-files.ts';

export interface WindowsRequest {
  readonly name: string;
  readonly prettyName: string;
  /** The persistent definition, and the running instance's. */
  readonly definition: string;
  readonly live: string;
  /** Targets of virtio disks that virtioize put there: that they are attached proves nothing. */
  readonly convertedBefore: ReadonlySet<string>;
  /** The agent's commands that are allowed. */
  readonly enabled: ReadonlySet<string>;
  /** In ms since the epoch: nothing is asked after it. */
  readonly deadline: number;
}

/** Ask the agent of a running Windows guest what decides whether it boots from virtio. */
export async function askWindows(anyAgent: AgentPort, request: WindowsRequest): Promise<Judgement> {
  const { name: guest, prettyName, definition, live, convertedBefore, enabled, deadline } = request;
  const { canRead, canExecute } = abilitiesOf(enabled);
  if (!canExecute) return blindJudgement(prettyName);
  const agent = boundedAgent(anyAgent, deadline);
  const registry = agentRegistry(agent);
  const known = await orUnreadable(() => readSystemRoot(registry));
  const { drive, folder } = known instanceof UnreadableError || known === undefined ? USUAL_ROOT : known;
  const files = agentFiles(agent, { canRead, canExecute: false }, deadline);
  return examineWindows({
    source: 'agent',
    files: canRead ? windowsFiles(files, drive, folder) : undefined,
    registry,
    systemRoot: folder,
    machine: readWindowsMachine(readDefinition(definition)),
    system: { guest, prettyName },
    inUse: enabled.has('guest-get-devices') ? await virtioDisksInUse(agent) : new Set(),
    attachedLive: attachedIds(readDefinition(live), convertedBefore),
  });
}

const USUAL_ROOT = { drive: 'C:', folder: '/Windows' };

function attachedIds(live: ReadDocument, convertedBefore: ReadonlySet<string>): Set<VirtioDiskId> {
  const others = readDisks(live).filter(
    ({ bus, device, target }) => bus === 'virtio' && device === 'disk' && !convertedBefore.has(target),
  );
  return new Set(others.map(({ element }) => diskIdOf(element)).filter((id) => id !== undefined));
}

function blindJudgement(prettyName: string): Judgement {
  const summary = 'It runs Windows, and its guest agent blocks guest-exec, so its registry can not be read.';
  return {
    verdict: 'unknown',
    summary,
    facts: { system: prettyName },
    lack: {
      code: 'no-driver-evidence',
      message: `Nothing proves that Windows would find its disk: ${summary}`,
      hint: "Inside the guest, allow guest-exec and guest-exec-status (block-rpcs or blacklist in qemu-ga's configuration) and restart the agent; or let virtioize inspect the guest while it is off.",
    },
    refusals: [],
    warnings: [],
  };
}
