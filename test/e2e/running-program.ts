import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { DocumentJson, ProgramOptions } from '../program.ts';
import { repository } from '../repository.ts';

export interface DocumentRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Of a run with --json; throws with what was printed where that is none. */
  document(): DocumentJson;
}

export interface RunningProgram {
  readonly exit: Promise<DocumentRun>;
  /** SIGKILL. The virsh that it started ends by itself. */
  kill(): void;
}

/** Start the program where its options put it, without waiting for it. It may take as long as the test may. */
export function startProgram(
  { uri, stateDir, enter = [] }: ProgramOptions,
  words: readonly string[],
  env: Record<string, string> = {},
): RunningProgram {
  const program = [process.execPath, join(repository, 'bin/virtioize.js'), '--connect', uri, '--state-dir', stateDir];
  const [file = '', ...rest] = [...enter, ...program, ...words];
  const child = spawn(file, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '', ...env },
  });
  const printed = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      printed[stream] += chunk;
    });
  const closed = once(child, 'close');
  const exit = once(child, 'exit').then(async ([status]): Promise<DocumentRun> => {
    if (status !== null) await closed;
    return { status: status as number | null, ...printed, document: () => readDocument(words, printed) };
  });
  return { exit, kill: () => child.kill('SIGKILL') };
}

function readDocument(words: readonly string[], { stdout, stderr }: { stdout: string; stderr: string }): DocumentJson {
  try {
    return JSON.parse(stdout) as DocumentJson;
  } catch {
    throw new Error(`virtioize ${words.join(' ')} printed no JSON document:\n${stdout}\n${stderr}`);
  }
}
