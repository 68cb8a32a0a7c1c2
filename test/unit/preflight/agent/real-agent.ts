import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import type { AgentPort } from '../../../../src/preflight/agent/agent-port.ts';

export interface RealAgent {
  readonly port: AgentPort;
  /** The commands that were sent, in order. */
  readonly sent: string[];
  stop(): Promise<void>;
}

/**
 * Debian's qemu-ga on a socket, as the channel's other end has it. It reads this machine's files, with its own rights.
 * @param blocked the commands that it refuses, as a distribution's configuration does.
 */
export async function startRealAgent(blocked: readonly string[] = []): Promise<RealAgent> {
  const folder = await mkdtemp(join(tmpdir(), 'virtioize-agent-'));
  const path = join(folder, 'socket');
  const options = blocked.length === 0 ? [] : ['-b', blocked.join(',')];
  const words = ['-m', 'unix-listen', '-p', path, '-t', folder, '-f', join(folder, 'pid'), ...options];
  const child = execa('qemu-ga', words, { reject: false, cleanup: false, stdio: 'ignore' });
  const socket = await connect(path);
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const sent: string[] = [];
  return {
    sent,
    port: async (execute, args) => {
      sent.push(execute);
      socket.write(`${JSON.stringify(args === undefined ? { execute } : { execute, arguments: args })}\n`);
      const { value } = await lines.next();
      return toAnswer(execute, JSON.parse(value));
    },
    async stop() {
      socket.destroy();
      child.kill('SIGKILL');
      await child;
      await rm(folder, { recursive: true });
    },
  };
}

async function connect(path: string): Promise<Socket> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const socket = createConnection(path);
    const isConnected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    if (isConnected) return socket;
    if (Date.now() > deadline) throw new Error(`qemu-ga does not listen on ${path}: is qemu-guest-agent installed?`);
    await delay(10);
  }
}

/** As libvirt passes it on, which puts the command in front of an error. */
function toAnswer(
  execute: string,
  answer: { return?: unknown; error?: { desc: string } },
): Awaited<ReturnType<AgentPort>> {
  if (answer.error === undefined) return { kind: 'answer', value: answer.return };
  const message = `internal error: unable to execute QEMU agent command '${execute}': ${answer.error.desc}`;
  return { kind: 'refused', message };
}
