import { z } from 'zod';
import { type GuestFiles, UnreadableError } from '../guest-files.ts';
import type { AgentPort } from './agent-port.ts';
import { runInGuest } from './guest-exec.ts';

/** libvirt lets 10 MiB through, in base64: well below. */
const CHUNK_BYTES = 3 * 1024 * 1024;
/** More than the files that matter take together: some initramfs images and text. */
const MAX_TOTAL_BYTES = 768 * 1024 * 1024;

/** The agent's commands that this guest allows. */
export interface AgentAbilities {
  readonly canRead: boolean;
  readonly canExecute: boolean;
}

/**
 * A running guest's files through its agent: by guest-file-read, or by running `dd` and `ls` inside where only
 * guest-exec is allowed.
 * @param deadline after this (ms since the epoch) nothing more is read.
 */
export function agentFiles(agent: AgentPort, { canRead, canExecute }: AgentAbilities, deadline: number): GuestFiles {
  let total = 0;
  const count = (bytes: Buffer): Buffer => {
    total += bytes.length;
    if (total > MAX_TOTAL_BYTES) throw new UnreadableError('the guest has more to read than any system needs');
    if (Date.now() > deadline) throw new UnreadableError('reading took too long');
    return bytes;
  };
  return {
    async open(path) {
      const first = canRead ? await openByHandle(agent, path) : await openByCommand(agent, path, canExecute);
      if (first === undefined) return undefined;
      return counted(first, count);
    },
    async list(folder) {
      if (!canExecute) throw new UnreadableError(`the agent does not let ${folder} be listed (guest-exec is blocked)`);
      const { status, output } = await runInGuest(agent, '/bin/ls', ['-1a', '--', folder]);
      if (status !== 0) return undefined;
      return output
        .toString('utf8')
        .split('\n')
        .filter((name) => name !== '' && name !== '.' && name !== '..');
    },
  };
}

async function* counted(source: AsyncIterable<Buffer>, count: (bytes: Buffer) => Buffer): AsyncGenerator<Buffer> {
  for await (const chunk of source) yield count(chunk);
}

const readAnswer = z.object({ 'buf-b64': z.string(), count: z.number(), eof: z.boolean() });

async function openByHandle(agent: AgentPort, path: string): Promise<AsyncIterable<Buffer> | undefined> {
  const opened = await agent('guest-file-open', { path, mode: 'r' });
  if (opened.kind === 'refused' && /No such file|Not a directory/i.test(opened.message)) return undefined;
  if (opened.kind !== 'answer') throw new UnreadableError(opened.message);
  const handle = z.number().int().safeParse(opened.value);
  if (!handle.success) throw new UnreadableError('the agent gave a handle that is no number');
  return readHandle(agent, handle.data);
}

async function* readHandle(agent: AgentPort, handle: number): AsyncGenerator<Buffer> {
  try {
    for (;;) {
      const answer = await agent('guest-file-read', { handle, count: CHUNK_BYTES }, 30);
      if (answer.kind !== 'answer') throw new UnreadableError(answer.message);
      const read = readAnswer.safeParse(answer.value);
      if (!read.success) throw new UnreadableError('the agent answered a read with something else');
      const bytes = Buffer.from(read.data['buf-b64'], 'base64');
      if (bytes.length > 0) yield bytes;
      if (read.data.eof || bytes.length === 0) return;
    }
  } finally {
    await agent('guest-file-close', { handle });
  }
}

async function openByCommand(
  agent: AgentPort,
  path: string,
  canExecute: boolean,
): Promise<AsyncIterable<Buffer> | undefined> {
  if (!canExecute) throw new UnreadableError('the agent lets no files be read');
  const { status } = await runInGuest(agent, '/bin/ls', ['-d', '--', path]);
  return status === 0 ? readByCommand(agent, path) : undefined;
}

async function* readByCommand(agent: AgentPort, path: string): AsyncGenerator<Buffer> {
  for (let block = 0; ; block++) {
    const words = [`if=${path}`, 'bs=1048576', 'count=3', `skip=${block * 3}`];
    const { status, output } = await runInGuest(agent, '/bin/dd', words);
    if (status !== 0) throw new UnreadableError(`${path} can't be read`);
    if (output.length > 0) yield output;
    if (output.length < CHUNK_BYTES) return;
  }
}
