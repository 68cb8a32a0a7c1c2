import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { UnreadableError } from '../guest-files.ts';
import type { AgentPort } from './agent-port.ts';

const started = z.object({ pid: z.number().int() });
const statusAnswer = z.object({
  exited: z.boolean(),
  exitcode: z.number().optional(),
  'out-data': z.string().optional(),
  'out-truncated': z.boolean().optional(),
  'err-data': z.string().optional(),
});

/** A program's end inside the guest. `status` is undefined where a signal ended it. */
export interface GuestExit {
  readonly status: number | undefined;
  readonly output: Buffer;
  /** What it said on stderr. */
  readonly complaint: string;
}

const TIMEOUT_MS = 30_000;
const MAX_COMPLAINT = 500;

/**
 * Run a program inside the guest and wait for it.
 * @param env its whole environment; the agent's own where none is given.
 * @throws UnreadableError where the agent does not let it run, or it does not end in time, or said more than is passed on.
 */
export async function runInGuest(
  agent: AgentPort,
  path: string,
  words: readonly string[],
  env?: readonly string[],
): Promise<GuestExit> {
  const environment = env === undefined ? {} : { env };
  const answer = await agent('guest-exec', { path, arg: words, ...environment, 'capture-output': true });
  const start = answer.kind === 'answer' ? started.safeParse(answer.value) : undefined;
  if (start?.success !== true)
    throw new UnreadableError(answer.kind === 'answer' ? 'the agent started nothing' : answer.message);
  const deadline = Date.now() + TIMEOUT_MS;
  for (let pauseMs = 5; Date.now() < deadline; pauseMs = Math.min(pauseMs * 2, 200)) {
    const now = await agent('guest-exec-status', { pid: start.data.pid });
    if (now.kind !== 'answer') throw new UnreadableError(`the agent lost sight of ${path}: ${now.message}`);
    const status = statusAnswer.safeParse(now.value);
    if (!status.success) throw new UnreadableError(`the agent does not say what became of ${path}`);
    if (status.data.exited) return readExit(status.data, path);
    await delay(pauseMs);
  }
  throw new UnreadableError(`${path} did not end within ${TIMEOUT_MS / 1000} s inside the guest`);
}

function readExit(status: z.infer<typeof statusAnswer>, path: string): GuestExit {
  if (status['out-truncated'] === true) throw new UnreadableError(`the agent cut short what ${path} said`);
  return {
    status: status.exitcode,
    output: decodeBase64(status['out-data'] ?? ''),
    complaint: decodeBase64(status['err-data'] ?? '').toString('utf8', 0, MAX_COMPLAINT),
  };
}

/** @throws UnreadableError where it is not base64: decoding would drop what it does not know. */
export function decodeBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== Math.floor((text.replace(/={1,2}$/, '').length * 3) / 4))
    throw new UnreadableError('the agent answered with something that is not base64');
  return bytes;
}
