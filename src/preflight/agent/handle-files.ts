import * as z from 'zod';
import { UnreadableError } from '../guest-files.ts';
import type { AgentPort } from './agent-port.ts';
import { decodeBase64 } from './guest-exec.ts';

/** libvirt's daemon passes on 4 MiB (the embedded driver 10), in base64 and with the JSON around it: well below. */
const CHUNK_BYTES = 2 * 1024 * 1024;
const READ_TIMEOUT_SECONDS = 30;

const readAnswer = z.object({ 'buf-b64': z.string(), count: z.number(), eof: z.boolean() });

/**
 * A file by guest-file-open and guest-file-read, or undefined where there is none.
 * @throws UnreadableError
 */
export async function openByHandle(agent: AgentPort, path: string): Promise<AsyncIterable<Buffer> | undefined> {
  const opened = await agent('guest-file-open', { path, mode: 'r' });
  if (opened.kind === 'refused' && isAbsence(opened.message)) return undefined;
  if (opened.kind !== 'answer') throw new UnreadableError(opened.message);
  const handle = z.number().int().safeParse(opened.value);
  if (!handle.success) throw new UnreadableError('the agent gave a handle that is no number');
  return readHandle(agent, handle.data);
}

/** Whether a complaint says that there is no such file, and not that it can't be read. */
export function isAbsence(complaint: string): boolean {
  return /No such file or directory|Not a directory|cannot find the (?:file|path) specified/i.test(complaint);
}

async function* readHandle(agent: AgentPort, handle: number): AsyncGenerator<Buffer> {
  try {
    for (;;) {
      const answer = await agent('guest-file-read', { handle, count: CHUNK_BYTES }, READ_TIMEOUT_SECONDS);
      if (answer.kind !== 'answer') throw new UnreadableError(answer.message);
      const read = readAnswer.safeParse(answer.value);
      if (!read.success) throw new UnreadableError('the agent answered a read with something else');
      const bytes = decodeBase64(read.data['buf-b64']);
      if (bytes.length !== read.data.count) throw new UnreadableError('the agent miscounted what it read');
      if (bytes.length > 0) yield bytes;
      if (read.data.eof) return;
      if (bytes.length === 0) throw new UnreadableError('the agent read nothing, and yet not to the end');
    }
  } finally {
    await agent('guest-file-close', { handle });
  }
}
