import { readStartUp, type StartUp } from '../linux/start-up.ts';
import { abilitiesOf, answersInTime, enabledCommands, readChannelState } from './agent-abilities.ts';
import { agentFiles } from './agent-files.ts';
import type { AgentPort } from './agent-port.ts';

const ANSWER_MS = 10_000;
const READ_MS = 60_000;
const UNKNOWN: StartUp = { mountPoints: undefined, askedFor: undefined };

/**
 * What a running guest's system does with its volumes when it starts up, as far as its agent lets that be read.
 * @param live the definition of the running instance.
 */
export async function agentStartUp(agent: AgentPort, live: string | undefined): Promise<StartUp> {
  if (live === undefined || readChannelState(live) !== 'connected') return UNKNOWN;
  if (!(await answersInTime(agent, ANSWER_MS))) return UNKNOWN;
  const enabled = await enabledCommands(agent);
  if (enabled === undefined || (await isWindows(agent))) return UNKNOWN;
  return readStartUp(agentFiles(agent, abilitiesOf(enabled), Date.now() + READ_MS));
}

async function isWindows(agent: AgentPort): Promise<boolean> {
  const answer = await agent('guest-get-osinfo');
  return answer.kind === 'answer' && (answer.value as { id?: unknown } | null)?.id === 'mswindows';
}
