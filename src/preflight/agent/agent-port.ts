import type { AgentAnswer } from '../../virsh/agent.ts';

/** One guest's agent: send a command, get its answer. The guest's word, of any shape. */
export type AgentPort = (
  execute: string,
  args?: Readonly<Record<string, unknown>>,
  timeoutSeconds?: number,
) => Promise<AgentAnswer>;
