import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { describeEnd, type GuestfishOptions, killProcess, MAX_COMPLAINT, startProcess } from './guestfish-process.ts';
import { GuestfsError } from './guestfs-error.ts';
import { quoteWord } from './quote-word.ts';

/** A libguestfs appliance with a guest's disks. Its answers are the guest's word. */
export interface Guestfish {
  /**
   * One command of guestfish(1), and what it printed. Commands are answered one after another.
   * @throws GuestfsError `refused` where libguestfs says no; any other kind where it is gone.
   */
  ask(command: string, ...words: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

/** In which it ends by itself, and tidies up, once there is nothing more to do. */
const GRACE_MS = 10_000;
const MAX_ANSWER_CHARACTERS = 8 * 1024 * 1024;

/** Start guestfish with disks, not yet its appliance (`run`). */
export function startGuestfish(options: GuestfishOptions): Guestfish {
  const child = startProcess(options);
  let sockets: string | undefined;
  const kill = (): void => {
    sockets ??= killProcess(child);
  };
  const streams = { said: '', complained: '' };
  let wake = (): void => {};
  let end: GuestfsError | undefined;
  const take = (stream: keyof typeof streams) => (text: string) => {
    streams[stream] += text;
    if (streams[stream].length > MAX_ANSWER_CHARACTERS) {
      end ??= new GuestfsError('refused', 'libguestfs says more than any guest has');
      kill();
    }
    wake();
  };
  child.stdout.setEncoding('utf8').on('data', take('said'));
  child.stderr.setEncoding('utf8').on('data', take('complained'));
  child.stdin.on('error', () => {}); // a broken pipe: the exit tells why
  options.interrupted.addEventListener('abort', kill);
  if (options.interrupted.aborted) kill(); // while the disks were being read, and nobody listened
  const { timeoutSeconds } = options;
  const timer = setTimeout(() => {
    end ??= new GuestfsError('timeout', `libguestfs did not get done within ${timeoutSeconds} s`);
    kill();
    wake();
  }, timeoutSeconds * 1000);
  const ended = child.then(({ exitCode }) => {
    clearTimeout(timer);
    options.interrupted.removeEventListener('abort', kill);
    end ??= describeEnd(exitCode, streams.complained, options);
    wake();
  });

  /** guestfish prints the mark on both streams once a command is done: by `echo`, and as a command that it does not know. */
  async function answer(mark: string): Promise<string> {
    const isDone = (): boolean =>
      streams.said.endsWith(`${mark}\n`) && streams.complained.includes(`${mark}: unknown command`);
    while (!isDone()) {
      if (end !== undefined) throw end;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const printed = streams.said.slice(0, -mark.length - 1);
    const refused = /libguestfs: error: ([^\n]*)/.exec(streams.complained)?.[1];
    Object.assign(streams, { said: '', complained: '' });
    if (refused !== undefined) throw new GuestfsError('refused', refused.slice(0, MAX_COMPLAINT));
    return printed;
  }

  let last: Promise<unknown> = Promise.resolve();
  return {
    ask(command, ...words) {
      const mark = `virtioize_${randomBytes(12).toString('hex')}`;
      const line = [`-${command}`, ...words.map(quoteWord)].join(' ');
      const turn = last.then(() => {
        child.stdin.write(`${line}\necho ${mark}\n-${mark}\n`);
        return answer(mark);
      });
      last = turn.catch(() => {});
      return turn;
    },
    async close() {
      child.stdin.end();
      const grace = setTimeout(kill, GRACE_MS);
      await ended;
      clearTimeout(grace);
      if (sockets !== undefined) await rm(sockets, { recursive: true, force: true });
    },
  };
}
