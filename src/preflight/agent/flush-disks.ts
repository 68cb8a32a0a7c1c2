import { enabledCommands } from './agent-abilities.ts';
import type { AgentPort } from './agent-port.ts';

/** Freezing waits for what is being written; Windows asks all its writers first. */
const FREEZE_SECONDS = 30;
const THAW_SECONDS = 20;
const MAX_THAWS = 3;

/**
 * Have a running guest write all that it holds in memory to its disks: its file systems are frozen and thawed at once.
 * Both commands are given away together, so that the thaw follows also where virtioize is killed between them.
 * @returns whether it did.
 */
export async function flushDisks(agent: AgentPort): Promise<boolean> {
  const enabled = await enabledCommands(agent);
  if (enabled?.has('guest-fsfreeze-freeze') !== true || !enabled.has('guest-fsfreeze-thaw')) return false;
  const freezing = agent('guest-fsfreeze-freeze', {}, FREEZE_SECONDS);
  let thaw = await agent('guest-fsfreeze-thaw', {}, THAW_SECONDS);
  const frozen = await freezing;
  for (let tries = 1; thaw.kind !== 'answer' && tries < MAX_THAWS; tries += 1)
    thaw = await agent('guest-fsfreeze-thaw', {}, THAW_SECONDS);
  return frozen.kind === 'answer' && typeof frozen.value === 'number' && frozen.value > 0 && thaw.kind === 'answer';
}
