import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { repository } from './repository.ts';
import { applianceEnvironment } from './testbed/guest-kernel.ts';

/** How a program ended, and what it printed. */
export interface Ended {
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a run of the program came to. */
export interface ProgramRun extends Ended {
  readonly signal: string | undefined;
}

export interface ProgramOptions {
  readonly uri: string;
  readonly stateDir: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Words before the command that put it where the connection is, e.g. into a namespace. */
  readonly enter?: readonly string[];
  /** Options for Node itself, e.g. a module to load first. */
  readonly nodeOptions?: readonly string[];
  /**
   * Whether disks are inspected. By default it is as on a host without libguestfs: an inspection takes half a minute where
   * everything is emulated, and most tests are about something else.
   */
  readonly libguestfs?: boolean;
  /** How long it may take; default five minutes: a busy machine emulates slowly. */
  readonly timeoutMs?: number;
}

/** A run of the program that goes on. */
export interface StartedProgram {
  readonly ended: Promise<ProgramRun>;
  /** SIGTERM, as systemd does, or SIGKILL, after which the virsh that it started ends by itself. */
  send(signal: NodeJS.Signals): void;
}

const PROGRAM = join(repository, 'bin/virtioize.js');
/** Put before PATH, a host is one without libguestfs. */
export const WITHOUT_LIBGUESTFS = join(repository, 'test/faults/without-libguestfs');
const TIMEOUT_MS = 300_000;

/** The version of this checkout. */
export async function ownVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as { version: string };
  return version;
}

/** Run the built program as an admin would, without a terminal. */
export async function virtioize(words: readonly string[], options: ProgramOptions): Promise<ProgramRun> {
  return startVirtioize(words, options).ended;
}

/** Start the built program, and do not wait for its end. */
export function startVirtioize(
  words: readonly string[],
  { uri, stateDir, env = {}, enter = [], nodeOptions = [], libguestfs = false, timeoutMs = TIMEOUT_MS }: ProgramOptions,
): StartedProgram {
  const [file = '', ...rest] = [
    ...enter,
    process.execPath,
    ...nodeOptions,
    PROGRAM,
    '--connect',
    uri,
    '--state-dir',
    stateDir,
    ...words,
  ];
  const path = env.PATH ?? process.env.PATH ?? '';
  const child = execa(file, rest, {
    env: {
      ...(libguestfs ? applianceEnvironment() : {}),
      ...env,
      NODE_OPTIONS: '',
      PATH: libguestfs ? path : `${WITHOUT_LIBGUESTFS}:${path}`,
    },
    reject: false,
    stdin: 'ignore',
    timeout: timeoutMs,
  });
  const ended = child.then((result) => {
    const { exitCode, signal, stdout, stderr } = result;
    if (result.timedOut)
      throw new Error(`virtioize ${words.join(' ')} did not end within ${timeoutMs / 1000} s:\n${stdout}\n${stderr}`);
    return { status: exitCode, signal, stdout, stderr };
  });
  // execa's own way has a SIGKILL follow after a SIGTERM, and the program takes the time that it needs to finish.
  return { ended, send: (signal) => child.pid !== undefined && process.kill(child.pid, signal) };
}

/** One guest of the JSON document, as far as tests look into it. */
export interface GuestJson {
  readonly name: string;
  readonly uuid: string;
  readonly outcome: string;
  readonly restart?: string;
  readonly conversionId?: string;
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
  readonly refusals: readonly {
    readonly code: string;
    readonly message: string;
    readonly hint: string;
    readonly disk?: string;
  }[];
  readonly warnings: readonly { readonly code: string; readonly message: string; readonly disk?: string }[];
  readonly evidence: readonly { readonly source: string; readonly verdict: string; readonly summary: string }[];
  readonly disks: readonly {
    readonly from: { target: string; bus: string };
    readonly to: { target: string; bus: string };
    readonly outcome: string;
  }[];
  readonly capture?: { readonly screenshot?: string; readonly console?: string };
  readonly diff?: string;
  readonly compliance?: readonly { readonly rule: string; readonly result: string; readonly since?: string }[];
}

export interface DocumentJson {
  readonly command: string;
  readonly host: string;
  readonly summary: Readonly<Record<string, number>>;
  readonly guests: readonly GuestJson[];
  readonly recovered: readonly GuestJson[];
  readonly unfinished: readonly { readonly conversionId: string }[];
  readonly history?: readonly { readonly id: string; readonly action: string; readonly state: string }[];
  readonly waivers?: readonly { readonly isExpired: boolean; readonly matched: number }[];
  readonly trend?: readonly { readonly at: string; readonly guests: number }[];
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
}

/** Run the program with `--json` and read its document. */
export async function virtioizeJson(
  words: readonly string[],
  options: ProgramOptions,
): Promise<ProgramRun & { readonly document: DocumentJson }> {
  const run = await virtioize(['--json', ...words], options);
  return { ...run, document: readDocument(run, words) };
}

/** The document of a run with `--json`; throws with what was printed where that is none. */
export function readDocument({ status, stdout, stderr }: ProgramRun, words: readonly string[] = []): DocumentJson {
  try {
    return JSON.parse(stdout) as DocumentJson;
  } catch {
    throw new Error(
      `${['virtioize', ...words].join(' ')} printed no JSON document (status ${status}):\n${stdout}\n${stderr}`,
    );
  }
}
