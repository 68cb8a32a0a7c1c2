import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { UnreadableError } from '../guest-files.ts';
import type { AgentPort } from './agent-port.ts';

const started = z.object({ pid: z.number().int() });
const statusAnswer = z.object({
  exited: z.boolean(),
  exitcode: z.number().optional(),
  'out-data': z.string().optional(),
});

/** A program's end inside the guest. `status` is undefined where a signal ended it. */
export interface GuestExit {
  readonly status: number | undefined;
  readonly output: Buffer;
}

const TIMEOUT_MS = 30_000;

/**
 * Run a program inside the guest and wait for it.
 * @throws UnreadableError where the agent does not let it run, or it does not end in time.
 */
export async function runInGuest(agent: AgentPort, path: string, words: readonly string[]): Promise<GuestExit> {
  const answer = await agent('guest-exec', { path, arg: words, 'capture-output': true });
  const start = answer.kind === 'answer' ? started.safeParse(answer.value) : undefined;
  if (start?.success !== true)
    throw new UnreadableError(answer.kind === 'answer' ? 'the agent started nothing' : answer.message);
  const deadline = Date.now() + TIMEOUT_MS;
  for (let pauseMs = 5; Date.now() < deadline; pauseMs = Math.min(pauseMs * 2, 200)) {
    const now = await agent('guest-exec-status', { pid: start.data.pid });
    const status = now.kind === 'answer' ? statusAnswer.safeParse(now.value) : undefined;
    if (status?.success !== true) throw new UnreadableError(`the agent lost sight of ${path}`);
    if (status.data.exited) {
      return { status: status.data.exitcode, output: Buffer.from(status.data['out-data'] ?? '', 'base64') };
    }
    await delay(pauseMs);
  }
  throw new UnreadableError(`${path} did not end within ${TIMEOUT_MS / 1000} s inside the guest`);
}
