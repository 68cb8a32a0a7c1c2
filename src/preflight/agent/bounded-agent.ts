import type { AgentPort } from './agent-port.ts';

/**
 * The same agent, asked nothing more past the deadline, nor once it has fallen silent: each further question would only
 * wait for its own timeout. An open file is still closed past the deadline.
 * @param deadline in ms since the epoch.
 */
export function boundedAgent(agent: AgentPort, deadline: number): AgentPort {
  let silence: Awaited<ReturnType<AgentPort>> | undefined;
  return async (execute, args = {}, timeoutSeconds = 10) => {
    if (silence !== undefined) return silence;
    const leftMs = deadline - Date.now();
    if (leftMs <= 0 && execute !== 'guest-file-close') return { kind: 'silent', message: 'reading took too long' };
    const answer = await agent(execute, args, Math.max(1, Math.min(timeoutSeconds, Math.ceil(leftMs / 1000))));
    if (answer.kind === 'silent') silence = answer;
    return answer;
  };
}
