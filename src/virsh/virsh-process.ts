import { execa, type Options } from 'execa';

/** How a session ends whose lock another process has. */
export const LOCKED_STATUS = 75;

/** How `env` ends that does not know an option of its own: coreutils' know `--ignore-signal` since 8.31. */
export const ENV_FAILED = 125;

/** virsh dies of SIGPIPE where libvirt's daemon or its own reader ends while it writes; else it would reconnect, and go on. */
const IGNORE_BROKEN_PIPES = ['env', '--ignore-signal=PIPE'] as const;

export interface ProcessOptions {
  /** A file that exists: the process holds an exclusive lock on it for as long as it lives. */
  readonly lockFile: string | undefined;
  readonly ignorePipe: boolean;
}

/** Start a virsh that takes its commands from its input, and ends with it. */
export function startVirsh(uri: string, { lockFile, ignorePipe }: ProcessOptions) {
  const locking = lockFile === undefined ? [] : ['flock', '-n', '-F', '-E', String(LOCKED_STATUS), lockFile];
  const [file, ...words] = [...(ignorePipe ? IGNORE_BROKEN_PIPES : []), ...locking, 'virsh', '-c', uri];
  return execa(file, words, {
    env: virshEnvironment(),
    extendEnv: false,
    buffer: false,
    reject: false,
    cleanup: false, // what may be changing something is never killed: it ends with its input
    detached: true, // an interrupt at the terminal is for virtioize, which first finishes what it began
  } satisfies Options);
}

/** Of a daemon on this host the socket tells when it ends; to watch it besides wakes a thread of virsh at each answer. */
const WITHOUT_KEEPALIVE = ['--keepalive-interval', '0'] as const;

/**
 * Start a virsh that carries out commands of a daemon on this host, separated by semicolons, and ends. They only read: it
 * may be killed at any time.
 */
export function startBulk(uri: string, commands: string, timeoutMs: number) {
  const words = ['--quiet', ...WITHOUT_KEEPALIVE, '-c', uri, commands];
  return execa('virsh', words, { ...readerOptions(), timeout: timeoutMs });
}

/** Leave a virsh behind that still works on something; it holds the lock until it is done. */
export function letGo(virsh: ReturnType<typeof startVirsh>): void {
  virsh.stdout.destroy();
  virsh.stderr.destroy();
  virsh.unref();
}

/** Nobody is left to end it where virtioize is killed: it ends by itself. */
const LISTEN_SECONDS = 60;

/** Start a virsh that prints what happens to the guests of a connection, a line an event, until it is killed, or for a minute. */
export function startListener(uri: string) {
  return execa('virsh', ['-c', uri, 'event', '--all', '--loop', '--timeout', String(LISTEN_SECONDS)], readerOptions());
}

/** Of a virsh that only reads, and whose output alone is looked at. */
function readerOptions() {
  return {
    env: virshEnvironment(),
    extendEnv: false,
    buffer: false,
    reject: false,
    stdin: 'ignore',
    stderr: 'ignore',
    detached: true,
  } as const satisfies Options;
}

/**
 * virsh keeps a history in the cache folder and reads readline's settings: it gets neither. Its messages are read, so
 * they must be English.
 */
function virshEnvironment(): NodeJS.ProcessEnv {
  const { LANGUAGE, VIRSH_DEBUG, VIRSH_LOG_FILE, VIRSH_HISTSIZE, ...inherited } = process.env;
  return { ...inherited, LC_ALL: 'C', TERM: 'xterm', INPUTRC: '/dev/null', XDG_CACHE_HOME: '/dev/null' };
}
