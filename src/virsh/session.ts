import { execa } from 'execa';
import { isVirtioizeError, VirtioizeError } from '../error.ts';
import type { Answer } from './answer.ts';
import { type Conversation, createConversation } from './conversation.ts';
import { virshFailure } from './failure.ts';
import { ENV_FAILED, LOCKED_STATUS, letGo, startVirsh } from './virsh-process.ts';

export interface SessionOptions {
  /** libvirt connection URI. */
  readonly uri: string;
  /** A file that exists: the session holds an exclusive lock on it for as long as its process lives. */
  readonly lockFile?: string;
  readonly connectTimeoutMs?: number;
  /** Called once the process is started, before it is connected. */
  readonly onStart?: () => void;
  /** Until it is connected, it is ended where this is aborted. */
  readonly abandoned?: AbortSignal;
}

export interface RunOptions {
  /** How long the answer may take before the session is given up. */
  readonly timeoutMs?: number;
  /** The command changes something: it is sent only when nothing else is in flight, and is never killed half-way. */
  readonly changing?: boolean;
}

/** One virsh process that takes commands until it is closed. */
export interface Session {
  readonly uri: string;
  /** Whether it carries out what it was told where nobody is left to read its answers. */
  readonly outlivesReader: boolean;
  /**
   * Send one command and wait for what it prints. Commands that only read may be in flight together.
   * @throws VirtioizeError `connection-lost` where virsh is gone, `command-timeout` where no answer came in time. After
   * either, a changing command may or may not have been carried out.
   */
  run(command: readonly string[], options?: RunOptions): Promise<Answer>;
  /** Whether the process is gone, so that nothing more can be asked of it. */
  isOver(): boolean;
  /** End the process; resolves once it is gone. Never throws. */
  close(): Promise<void>;
}

const DEFAULT_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 60_000;
const CLOSE_TIMEOUT_MS = 5_000;

/**
 * Start virsh and wait until it is connected.
 * @throws VirtioizeError `program-missing`, `libvirt-unreachable`, `permission`, or `locked` where another process has
 * the lock.
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  if (options.uri.endsWith('/session')) await wakeSessionDaemon(options.uri);
  return connect(options, true);
}

async function connect(options: SessionOptions, ignorePipe: boolean): Promise<Session> {
  const { uri, lockFile, connectTimeoutMs = CONNECT_TIMEOUT_MS, onStart, abandoned } = options;
  const virsh = startVirsh(uri, { lockFile, ignorePipe });
  const conversation = createConversation(() => virsh.kill('SIGKILL'));
  virsh.stdout.setEncoding('utf8').on('data', (chunk: string) => conversation.receive('stdout', chunk));
  virsh.stderr.setEncoding('utf8').on('data', (chunk: string) => conversation.receive('stderr', chunk));
  virsh.stdin.on('error', () => {}); // a broken pipe: the exit tells why

  let connected = false;
  let isLetGo = false;
  let over = false;
  const exited = virsh.then((result) => {
    over = true;
    const errors = conversation.unreadErrors();
    conversation.end(connected ? lostConnection(uri, errors) : failedStart(uri, errors, result));
  });

  const send = createSender({
    conversation,
    write: (lines) => virsh.stdin.write(lines),
    expire(changing) {
      // A changing command is let go on, and the lock stays with it until it ends.
      if (changing) isLetGo = true;
      else virsh.kill('SIGKILL');
      over = true;
    },
  });
  const session: Session = {
    uri,
    outlivesReader: ignorePipe,
    run: takeTurns(send),
    isOver: () => over,
    async close() {
      virsh.stdin.end();
      if (isLetGo) return letGo(virsh);
      const timer = setTimeout(() => virsh.kill('SIGKILL'), CLOSE_TIMEOUT_MS);
      await exited;
      clearTimeout(timer);
    },
  };

  const end = (): void => void virsh.kill('SIGKILL');
  abandoned?.addEventListener('abort', end);
  if (abandoned?.aborted) end();
  try {
    const ready = send(['echo', 'ready'], connectTimeoutMs, false);
    onStart?.();
    await ready;
    connected = true;
    return session;
  } catch (error) {
    await session.close();
    if (ignorePipe && (await virsh).exitCode === ENV_FAILED) return connect(options, false);
    throw isVirtioizeError(error, 'command-timeout') ? unreachable(uri, 'no answer in time') : error;
  } finally {
    abandoned?.removeEventListener('abort', end);
  }
}

interface Wire {
  readonly conversation: Conversation;
  readonly write: (lines: string) => void;
  /** Called where an answer does not come in time; the conversation is over then. */
  readonly expire: (changing: boolean) => void;
}

type Send = (command: readonly string[], timeoutMs: number, changing: boolean) => Promise<Answer>;

/** Sends commands one behind the other. virsh takes them in turn: a command's time begins once those before it are answered. */
function createSender({ conversation, write, expire }: Wire): Send {
  let lastSent: Promise<unknown> = Promise.resolve();
  return async (command, timeoutMs, changing) => {
    const earlier = lastSent;
    const { lines, answer } = conversation.ask(command);
    lastSent = answer.catch(() => {});
    write(lines);
    let timer: NodeJS.Timeout | undefined;
    let isAnswered = false;
    void earlier.then(() => {
      if (isAnswered) return;
      timer = setTimeout(() => {
        expire(changing);
        conversation.end(timedOut(command, timeoutMs));
      }, timeoutMs);
    });
    return await answer.finally(() => {
      isAnswered = true;
      clearTimeout(timer);
    });
  };
}

/** A command that changes something is sent only when nothing else is in flight, and nothing else while it is. */
function takeTurns(send: Send): Session['run'] {
  const inFlight = new Set<Promise<unknown>>();
  let lastChange: Promise<unknown> = Promise.resolve();
  return (command, { timeoutMs = DEFAULT_TIMEOUT_MS, changing = false } = {}) => {
    const turn = changing ? Promise.allSettled([lastChange, ...inFlight]) : lastChange;
    const answer = turn.then(() => send(command, timeoutMs, changing));
    const done: Promise<unknown> = answer.then(
      () => inFlight.delete(done),
      () => inFlight.delete(done),
    );
    inFlight.add(done);
    if (changing) lastChange = done;
    return answer;
  };
}

/** A user's daemon that virsh starts by itself would inherit that it has no cache folder: start it before. */
async function wakeSessionDaemon(uri: string): Promise<void> {
  await execa('virsh', ['-c', uri, 'uri'], { reject: false, stdin: 'ignore', timeout: CONNECT_TIMEOUT_MS });
}

interface Exit {
  readonly exitCode?: number | undefined;
  readonly code?: string | undefined;
  readonly cause?: unknown;
}

function failedStart(uri: string, errors: readonly string[], { exitCode, code, cause }: Exit): VirtioizeError {
  if (exitCode === LOCKED_STATUS)
    return new VirtioizeError('locked', 'Another run of virtioize is changing this host.');
  if (code === 'ENOENT' || exitCode === 69 || exitCode === 127) {
    return new VirtioizeError(
      'program-missing',
      'virtioize needs the programs virsh and flock, and one of them is not installed.',
      {
        hint: 'Debian and Ubuntu: apt install libvirt-clients util-linux; RHEL and Fedora: dnf install libvirt-client util-linux.',
        cause,
      },
    );
  }
  const failure = virshFailure(`connect to ${uri}`, ['connect'], errors);
  return failure.code === 'permission' || failure.code === 'locked'
    ? failure
    : unreachable(uri, errors.join('; ') || 'virsh ended at once');
}

function unreachable(uri: string, why: string): VirtioizeError {
  return new VirtioizeError('libvirt-unreachable', `Could not connect to libvirt at ${uri}: ${why}.`, {
    hint: 'See whether libvirtd (or virtqemud) runs and whether --connect names the right host.',
  });
}

function lostConnection(uri: string, errors: readonly string[]): VirtioizeError {
  const why = errors.length > 0 ? `: ${errors.join('; ')}` : '';
  return new VirtioizeError('connection-lost', `The connection to libvirt at ${uri} is lost${why}.`, {
    hint: 'Run virtioize again: it first brings to an end what was interrupted.',
  });
}

function timedOut(command: readonly string[], timeoutMs: number): VirtioizeError {
  return new VirtioizeError('command-timeout', `virsh ${command[0]} gave no answer within ${timeoutMs / 1000} s.`, {
    hint: 'libvirt may be waiting for a lock on the guest: see virsh domjobinfo, then run virtioize again.',
  });
}
