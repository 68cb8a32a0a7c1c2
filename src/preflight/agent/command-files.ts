import { UnreadableError } from '../guest-files.ts';
import type { AgentPort } from './agent-port.ts';
import { type GuestExit, runInGuest } from './guest-exec.ts';
import { isAbsence } from './handle-files.ts';

const BLOCK_BYTES = 1024 * 1024;
/** guest-exec passes on 16 MiB, libvirt's daemon 4 MiB in base64: well below. */
const BLOCKS_AT_ONCE = 2;
/** What there is no file of is told by its words. */
const IN_ENGLISH = ['LC_ALL=C'];

/**
 * A file by running `dd` inside the guest, or undefined where there is none.
 * @throws UnreadableError
 */
export async function openByCommand(agent: AgentPort, path: string): Promise<AsyncIterable<Buffer> | undefined> {
  const first = outputOf(await readBlocks(agent, path, 0), path);
  return first === undefined ? undefined : readAll(agent, path, first);
}

/**
 * The names in a folder by running `ls` inside the guest, or undefined where there is no such folder.
 * @throws UnreadableError
 */
export async function listFolder(agent: AgentPort, folder: string): Promise<readonly string[] | undefined> {
  const output = outputOf(await runInGuest(agent, '/bin/ls', ['-1a', '--', folder], IN_ENGLISH), folder);
  return output
    ?.toString('utf8')
    .split('\n')
    .filter((name) => name !== '' && name !== '.' && name !== '..');
}

async function* readAll(agent: AgentPort, path: string, first: Buffer): AsyncGenerator<Buffer> {
  let output = first;
  for (let block = BLOCKS_AT_ONCE; output.length > 0; block += BLOCKS_AT_ONCE) {
    yield output;
    if (output.length < BLOCKS_AT_ONCE * BLOCK_BYTES) return;
    output = outputOf(await readBlocks(agent, path, block), path) ?? Buffer.alloc(0);
  }
}

function readBlocks(agent: AgentPort, path: string, block: number): Promise<GuestExit> {
  return runInGuest(
    agent,
    '/bin/dd',
    [`if=${path}`, `bs=${BLOCK_BYTES}`, `count=${BLOCKS_AT_ONCE}`, `skip=${block}`],
    IN_ENGLISH,
  );
}

/** What a program said, or undefined where it says that there is no such file. */
function outputOf({ status, output, complaint }: GuestExit, path: string): Buffer | undefined {
  if (status === 0) return output;
  if (isAbsence(complaint)) return undefined;
  throw new UnreadableError(`${path} can't be read (${complaint.trim() || 'no reason given'})`);
}
