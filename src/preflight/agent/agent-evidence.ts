import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { parseDefinition, selectText } from '../../domain/xml.ts';
import type { Evidence, Testimony } from '../evidence.ts';
import { judgeLinux } from '../linux/judge-linux.ts';
import { readLinux } from '../linux/read-linux.ts';
import { agentFiles } from './agent-files.ts';
import type { AgentPort } from './agent-port.ts';

/** An agent answers up to 4 s after its channel says that it is connected, and takes a moment after a boot. */
const WAIT_MS = 10_000;
const READ_TIMEOUT_MS = 180_000;

const info = z.object({ supported_commands: z.array(z.object({ name: z.string(), enabled: z.boolean() })) });
const osInfo = z.object({
  id: z.string().optional(),
  'pretty-name': z.string().optional(),
  name: z.string().optional(),
});

/**
 * Ask the agent of a running guest whether the guest can boot from virtio.
 * @param live the definition of the running instance.
 */
export async function agentEvidence(agent: AgentPort, live: string): Promise<Testimony> {
  const channel = selectText(
    parseDefinition(live),
    "/domain/devices/channel/target[@name='org.qemu.guest_agent.0']/@state",
  );
  if (channel === undefined) return testimony('unknown', 'The guest has no channel for a guest agent.');
  if (channel !== 'connected') return testimony('unknown', 'Its guest agent does not run.');
  if (!(await answersInTime(agent)))
    return testimony('unknown', `Its guest agent does not answer within ${WAIT_MS / 1000} s.`);

  const enabled = await enabledCommands(agent);
  const abilities = {
    canRead: enabled.has('guest-file-open') && enabled.has('guest-file-read'),
    canExecute: enabled.has('guest-exec') && enabled.has('guest-exec-status'),
  };
  const system = await readSystem(agent, enabled);
  if (system.id === 'mswindows') {
    return testimony('unknown', 'The guest runs Windows; its agent is not asked about drivers by this version.', {
      system: system.prettyName,
    });
  }
  if (!abilities.canRead && !abilities.canExecute) {
    return testimony('unknown', 'Its guest agent blocks both guest-file-read and guest-exec, so nothing can be read.', {
      system: system.prettyName,
    });
  }
  const files = agentFiles(agent, abilities, Date.now() + READ_TIMEOUT_MS);
  const { verdict, summary, facts, refusals, warnings } = judgeLinux(await readLinux(files), system);
  return { evidence: { source: 'agent', verdict, summary, facts }, refusals, warnings };
}

function testimony(verdict: 'unknown', summary: string, facts: Evidence['facts'] = {}): Testimony {
  return { evidence: { source: 'agent', verdict, summary, facts }, refusals: [], warnings: [] };
}

async function answersInTime(agent: AgentPort): Promise<boolean> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const answer = await agent('guest-ping', {}, 5);
    if (answer.kind === 'answer') return true;
    if (Date.now() > deadline) return false;
    await delay(250);
  }
}

async function enabledCommands(agent: AgentPort): Promise<Set<string>> {
  const answer = await agent('guest-info');
  const parsed = answer.kind === 'answer' ? info.safeParse(answer.value) : undefined;
  if (parsed?.success !== true) return new Set();
  return new Set(parsed.data.supported_commands.filter(({ enabled }) => enabled).map(({ name }) => name));
}

async function readSystem(agent: AgentPort, enabled: ReadonlySet<string>): Promise<{ id: string; prettyName: string }> {
  const answer = enabled.has('guest-get-osinfo') ? await agent('guest-get-osinfo') : undefined;
  const parsed = answer?.kind === 'answer' ? osInfo.safeParse(answer.value) : undefined;
  if (parsed?.success !== true) return { id: '', prettyName: 'unknown system' };
  const { id = '', name, 'pretty-name': prettyName } = parsed.data;
  return { id, prettyName: prettyName ?? name ?? 'unknown system' };
}
