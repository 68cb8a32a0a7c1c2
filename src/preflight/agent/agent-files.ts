import { type GuestFiles, UnreadableError } from '../guest-files.ts';
import type { AgentPort } from './agent-port.ts';
import { boundedAgent } from './bounded-agent.ts';
import { listFolder, openByCommand } from './command-files.ts';
import { openByHandle } from './handle-files.ts';

/** More than the files that matter take together: some initramfs images and text. */
const MAX_TOTAL_BYTES = 768 * 1024 * 1024;

/** What this guest's agent allows. */
export interface AgentAbilities {
  /** guest-file-open and its like. */
  readonly canRead: boolean;
  readonly canExecute: boolean;
}

/**
 * A running guest's files through its agent: by guest-file-read, or by running `dd` and `ls` inside where only
 * guest-exec is allowed.
 * @param deadline after this (ms since the epoch) nothing more is read.
 */
export function agentFiles(anyAgent: AgentPort, { canRead, canExecute }: AgentAbilities, deadline: number): GuestFiles {
  const agent = boundedAgent(anyAgent, deadline);
  let total = 0;
  async function* counted(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      total += chunk.length;
      if (total > MAX_TOTAL_BYTES) throw new UnreadableError('the guest has more to read than any system needs');
      yield chunk;
    }
  }
  return {
    async open(path) {
      if (!canRead && !canExecute) throw new UnreadableError('the agent lets no files be read');
      const content = canRead ? await openByHandle(agent, path) : await openByCommand(agent, path);
      return content === undefined ? undefined : counted(content);
    },
    async list(folder) {
      if (!canExecute) throw new UnreadableError(`the agent does not let ${folder} be listed (guest-exec is blocked)`);
      return listFolder(agent, folder);
    },
  };
}
