import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { readDefinition, selectText } from '../../domain/xml.ts';
import type { AgentAbilities } from './agent-files.ts';
import type { AgentPort } from './agent-port.ts';

const info = z.object({ supported_commands: z.array(z.object({ name: z.string(), enabled: z.boolean() })) });

/**
 * What libvirt says of the agent's channel in a running instance: `connected`, where the agent runs, or
 * `disconnected`; undefined where there is no channel.
 */
export function readChannelState(live: string): string | undefined {
  return selectText(readDefinition(live), "/domain/devices/channel/target[@name='org.qemu.guest_agent.0']/@state");
}

/** The commands that an agent knows and allows; undefined where it does not say. */
export async function enabledCommands(agent: AgentPort): Promise<Set<string> | undefined> {
  const answer = await agent('guest-info');
  const parsed = answer.kind === 'answer' ? info.safeParse(answer.value) : undefined;
  if (parsed?.success !== true) return undefined;
  return new Set(parsed.data.supported_commands.filter(({ enabled }) => enabled).map(({ name }) => name));
}

export function abilitiesOf(enabled: ReadonlySet<string>): AgentAbilities {
  const hasAll = (...commands: string[]): boolean => commands.every((command) => enabled.has(command));
  return {
    canRead: hasAll('guest-file-open', 'guest-file-read', 'guest-file-close'),
    canExecute: hasAll('guest-exec', 'guest-exec-status'),
  };
}

/** Whether the agent answers within a time. One that refuses even a ping is there all the same. */
export async function answersInTime(agent: AgentPort, answerMs: number): Promise<boolean> {
  const deadline = Date.now() + answerMs;
  for (;;) {
    const answer = await agent('guest-ping', {}, 5);
    if (answer.kind !== 'silent') return true;
    if (Date.now() >= deadline) return false;
    await delay(250);
  }
}
