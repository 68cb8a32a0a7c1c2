import { randomBytes } from 'node:crypto';
import { execa } from 'execa';
import { GuestfsError } from './guestfs-error.ts';
import { quoteWord } from './quote-word.ts';

export interface GuestfishOptions {
  /** qcow2 overlays, in the order of the guest's disks. */
  readonly overlays: readonly string[];
  /** A folder for its own files, removed by the caller. */
  readonly scratch: string;
  /** For all that is asked, in s. */
  readonly timeoutSeconds: number;
  /** Without hardware virtualization: where /dev/kvm is there and does not work, libguestfs hangs. */
  readonly emulates: boolean;
  /** Ends it at once. */
  readonly interrupted: AbortSignal;
}

/** A libguestfs appliance with a guest's disks. Its answers are the guest's word. */
export interface Guestfish {
  /**
   * One command of guestfish(1), and what it printed.
   * @throws GuestfsError `refused` where libguestfs says no; any other kind where it is gone.
   */
  ask(command: string, ...words: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

/** Of the appliance, in MB. */
const MEMORY_MB = 768;
const MAX_ANSWER_CHARACTERS = 8 * 1024 * 1024;
const MAX_COMPLAINT = 300;

/** Start guestfish with disks, not yet its appliance (`run`). It ends by itself where virtioize is killed. */
export function startGuestfish({
  overlays,
  scratch,
  timeoutSeconds,
  emulates,
  interrupted,
}: GuestfishOptions): Guestfish {
  const disks = overlays.flatMap((overlay) => ['--format=qcow2', '-a', overlay]);
  // timeout(1) makes a process group of it all, and ends it also where virtioize is gone; stdbuf has each answer sent at once
  const words = ['--kill-after=5', String(timeoutSeconds), 'stdbuf', '--output=L', 'guestfish', ...disks];
  const child = execa('timeout', words, {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    env: {
      LC_ALL: 'C',
      TMPDIR: scratch,
      LIBGUESTFS_BACKEND: 'direct',
      LIBGUESTFS_MEMSIZE: String(MEMORY_MB),
      ...(emulates && process.env.LIBGUESTFS_BACKEND_SETTINGS === undefined
        ? { LIBGUESTFS_BACKEND_SETTINGS: 'force_tcg' }
        : {}),
    },
  });
  const { stdin, stdout, stderr } = child;
  let [said, complained] = ['', ''];
  let wake = (): void => {};
  let end: GuestfsError | undefined;
  const killAll = (): void => killGroup(child.pid);
  const take = (add: (text: string) => void) => (text: string) => {
    add(text);
    if (said.length + complained.length > MAX_ANSWER_CHARACTERS) {
      end ??= new GuestfsError('refused', 'libguestfs says more than any guest has');
      killAll();
    }
    wake();
  };
  stdout.setEncoding('utf8').on(
    'data',
    take((text) => (said += text)),
  );
  stderr.setEncoding('utf8').on(
    'data',
    take((text) => (complained += text)),
  );
  stdin.on('error', () => {}); // it ended: that is seen below
  interrupted.addEventListener('abort', killAll);
  const ended = child.then(({ exitCode, signal }) => {
    interrupted.removeEventListener('abort', killAll);
    end ??= describeEnd(exitCode, signal, complained, timeoutSeconds);
    wake();
  });

  const answer = async (mark: string): Promise<string> => {
    const [lastLine, complaint] = [`${mark}\n`, `${mark}: unknown command`];
    while (!(said.endsWith(lastLine) && complained.includes(complaint))) {
      if (end !== undefined) throw end;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const refused = /libguestfs: error: ([^\n]*)/.exec(complained)?.[1];
    const printed = said.slice(0, -lastLine.length);
    [said, complained] = ['', ''];
    if (refused !== undefined) throw new GuestfsError('refused', refused.slice(0, MAX_COMPLAINT));
    return printed;
  };
  let last: Promise<unknown> = Promise.resolve();
  return {
    ask(command, ...parts) {
      const mark = `virtioize_${randomBytes(12).toString('hex')}`;
      const line = [`-${command}`, ...parts.map(quoteWord)].join(' ');
      const turn = last.then(() => {
        stdin.write(`${line}\necho ${mark}\n-${mark}\n`);
        return answer(mark);
      });
      last = turn.catch(() => {});
      return turn;
    },
    async close() {
      stdin.end();
      if (end === undefined) killAll();
      await ended;
    },
  };
}

/** All of it: guestfish, the appliance, and the process that watches over both. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it has ended
  }
}

function describeEnd(
  exitCode: number | undefined,
  signal: string | undefined,
  complained: string,
  timeoutSeconds: number,
): GuestfsError {
  if (exitCode === 127) return new GuestfsError('missing', 'guestfish (libguestfs) is not installed here');
  if (exitCode === 124 || exitCode === 137)
    return new GuestfsError('timeout', `libguestfs did not get done within ${timeoutSeconds} s`);
  const complaint = complained.trim().slice(-MAX_COMPLAINT);
  const reason = complaint === '' ? `exit status ${exitCode ?? signal ?? 'unknown'}` : complaint;
  return new GuestfsError('ended', `libguestfs ended (${reason})`);
}
