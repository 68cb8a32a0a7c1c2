import * as z from 'zod';
import type { Evidence, Testimony } from '../evidence.ts';
import type { Judgement } from '../judgement.ts';
import { examineLinux } from '../linux/examine-linux.ts';
import type { LinuxName } from '../linux/remedy.ts';
import { shorten } from '../shorten.ts';
import { abilitiesOf, answersInTime, enabledCommands, readChannelState } from './agent-abilities.ts';
import { agentFiles } from './agent-files.ts';
import type { AgentPort } from './agent-port.ts';
import { askWindows } from './agent-windows.ts';

/** How long the agent is waited for. */
export interface AgentPatience {
  /** Until its first answer: it takes up to 4 s after its channel says that it is connected, and a moment after a boot. */
  readonly answerMs: number;
  /** For all that is read. */
  readonly readMs: number;
}

const PATIENCE: AgentPatience = { answerMs: 10_000, readMs: 180_000 };

const osInfo = z.object({
  id: z.string().optional(),
  'pretty-name': z.string().optional(),
  name: z.string().optional(),
});

/** A guest that runs. */
export interface AgentRequest {
  readonly name: string;
  /** Of the running instance. */
  readonly live: string;
  /** The persistent one, that it will start with. */
  readonly definition: string;
  /** Virtio disks that virtioize put there: that they are attached proves nothing. */
  readonly convertedBefore: ReadonlySet<string>;
}

/** Ask the agent of a running guest whether the guest can boot from virtio. */
export async function agentEvidence(
  agent: AgentPort,
  request: AgentRequest,
  { answerMs, readMs }: AgentPatience = PATIENCE,
): Promise<Testimony> {
  const { live, definition } = request;
  const channel = readChannelState(live);
  if (channel === undefined) return unknown('The guest has no channel for a guest agent.');
  if (channel !== 'connected') return unknown('Its guest agent does not run.');
  if (!(await answersInTime(agent, answerMs)))
    return unknown(`Its guest agent does not answer within ${answerMs / 1000} s.`);

  const enabled = await enabledCommands(agent);
  if (enabled === undefined) return unknown('Its guest agent does not say what it lets others do.');
  const system = await readSystem(agent, enabled);
  const named = { system: system.prettyName };
  const deadline = Date.now() + readMs;
  if (system.id === 'mswindows') {
    const { prettyName } = system;
    return testify(await askWindows(agent, { ...request, prettyName, enabled, deadline }));
  }
  const abilities = abilitiesOf(enabled);
  if (!abilities.canRead && !abilities.canExecute)
    return unknown('Its guest agent blocks both guest-file-read and guest-exec, so nothing can be read.', named);
  const files = agentFiles(agent, abilities, deadline);
  return testify(await examineLinux(files, { system, definition }));
}

function testify({ verdict, summary, facts, ...rest }: Judgement): Testimony {
  return { evidence: { source: 'agent', verdict, summary, facts }, ...rest };
}

function unknown(summary: string, facts: Evidence['facts'] = {}): Testimony {
  return testify({ verdict: 'unknown', summary, facts, refusals: [], warnings: [] });
}

async function readSystem(agent: AgentPort, enabled: ReadonlySet<string>): Promise<LinuxName> {
  const answer = enabled.has('guest-get-osinfo') ? await agent('guest-get-osinfo') : undefined;
  const parsed = answer?.kind === 'answer' ? osInfo.safeParse(answer.value) : undefined;
  if (parsed?.success !== true) return { id: '', prettyName: 'unknown system' };
  const { id = '', name, 'pretty-name': prettyName } = parsed.data;
  return { id: shorten(id), prettyName: shorten(prettyName ?? name ?? 'unknown system') };
}
