import { UnreadableError } from '../guest-files.ts';
import type { AgentPort } from './agent-port.ts';
import { runInGuest } from './guest-exec.ts';
import { isAbsence } from './handle-files.ts';

const BLOCK_BYTES = 1024 * 1024;
/** guest-exec passes on 16 MiB, libvirt 10 MiB in base64: well below. */
const BLOCKS_AT_ONCE = 3;

/**
 * A file by running `dd` inside the guest, or undefined where there is none.
 * @throws UnreadableError
 */
export async function openByCommand(agent: AgentPort, path: string): Promise<AsyncIterable<Buffer> | undefined> {
  const { status, complaint } = await runInGuest(agent, '/bin/ls', ['-d', '--', path]);
  if (status !== 0 && isAbsence(complaint)) return undefined;
  if (status !== 0) throw new UnreadableError(`${path} can't be looked at (${complaint.trim() || 'no reason given'})`);
  return readBlocks(agent, path);
}

/**
 * The names in a folder by running `ls` inside the guest, or undefined where there is no such folder.
 * @throws UnreadableError
 */
export async function listFolder(agent: AgentPort, folder: string): Promise<readonly string[] | undefined> {
  const { status, output, complaint } = await runInGuest(agent, '/bin/ls', ['-1a', '--', folder]);
  if (status !== 0 && isAbsence(complaint)) return undefined;
  if (status !== 0) throw new UnreadableError(`${folder} can't be listed (${complaint.trim() || 'no reason given'})`);
  return output
    .toString('utf8')
    .split('\n')
    .filter((name) => name !== '' && name !== '.' && name !== '..');
}

async function* readBlocks(agent: AgentPort, path: string): AsyncGenerator<Buffer> {
  for (let block = 0; ; block += BLOCKS_AT_ONCE) {
    const words = [`if=${path}`, `bs=${BLOCK_BYTES}`, `count=${BLOCKS_AT_ONCE}`, `skip=${block}`];
    const { status, output, complaint } = await runInGuest(agent, '/bin/dd', words);
    if (status !== 0) throw new UnreadableError(`${path} can't be read (${complaint.trim() || 'no reason given'})`);
    if (output.length > 0) yield output;
    if (output.length < BLOCKS_AT_ONCE * BLOCK_BYTES) return;
  }
}
