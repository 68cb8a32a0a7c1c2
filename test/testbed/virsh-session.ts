import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { execa } from 'execa';

const defaultTimeoutMs = 180_000;

/** One virsh process that stays open, as the guest agent needs it: it answers only within such a session. */
export interface VirshSession {
  /**
   * Run one line of virsh, quoted as virsh wants it (see `quoteForVirsh`), and return what it printed. Throws with virsh's
   * own message where the command failed, and ends the session where it takes longer than three minutes.
   */
  run(command: string, timeoutMs?: number): Promise<string>;
  close(): Promise<void>;
}

/** Open a session. Commands given at the same time run one after another. */
export function openVirshSession(uri: string, env: Record<string, string>): VirshSession {
  const options = { env, buffer: false, reject: false, stdin: 'pipe' } as const;
  const virsh = execa('virsh', ['--quiet', '--connect', uri], options);
  const output = readMarkedText(virsh.stdout);
  const errors = readMarkedText(virsh.stderr);
  virsh.stdin.on('error', () => {}); // a session that ended is reported by `ended`
  const ended = virsh.then(() => Promise.reject(new Error(`the virsh session has ended: ${errors.rest().trim()}`)));
  ended.catch(() => {});
  let previous: Promise<unknown> = Promise.resolve();

  async function runNow(command: string, timeoutMs: number): Promise<string> {
    const { lines, marks } = frameCommand(command);
    const expiry = setTimeout(() => virsh.kill('SIGKILL'), timeoutMs);
    try {
      virsh.stdin.write(lines);
      const answer = Promise.all([output.upTo(marks.done), errors.upTo(`error: ${marks.done}`)]);
      const [printed, complaints] = await Promise.race([answer, ended]);
      if (/^error: /m.test(complaints)) throw new Error(`virsh ${command}: ${complaints.trim()}`);
      return textBetween(printed, marks).trimEnd();
    } finally {
      clearTimeout(expiry);
    }
  }

  return {
    run(command, timeoutMs = defaultTimeoutMs) {
      const result = previous.then(() => runNow(command, timeoutMs));
      previous = result.catch(() => {});
      return result;
    },
    async close() {
      virsh.stdin.end();
      await virsh;
    },
  };
}

/** Return one argument in the quotes that a virsh session takes apart again. */
export function quoteForVirsh(argument: string): string {
  if (argument.includes('\n')) throw new Error('virsh reads a command from one line');
  return `'${argument.replaceAll("'", "'\\''")}'`;
}

interface Marks {
  begin: string;
  end: string;
  /** On both streams, even where virsh could not parse the command's line and ran nothing of it. */
  done: string;
}

/**
 * virsh echoes what it reads, folded at 80 columns. The marks carry quotes in the echo and none where virsh prints them, and
 * two of them stand on the command's own line, so that nothing but its answer lies between these.
 */
function frameCommand(command: string): { lines: string; marks: Marks } {
  const id = randomBytes(8).toString('hex');
  return {
    lines: `echo begin''${id}; ${command}; echo end''${id}\necho --err done''${id}; echo done''${id}\n`,
    marks: { begin: `begin${id}`, end: `end${id}`, done: `done${id}` },
  };
}

function textBetween(text: string, { begin, end }: Marks): string {
  return text.slice(text.indexOf(begin) + begin.length, text.indexOf(end));
}

interface MarkedText {
  /** Resolve to the text before the mark, and drop it together with the mark. */
  upTo(mark: string): Promise<string>;
  /** What has not been taken yet. */
  rest(): string;
}

function readMarkedText(stream: Readable): MarkedText {
  let text = '';
  let look = () => {};
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    look();
  });
  return {
    upTo: (mark) =>
      new Promise((resolve) => {
        look = () => {
          const index = text.indexOf(mark);
          if (index < 0) return;
          look = () => {};
          const before = text.slice(0, index);
          text = text.slice(index + mark.length);
          resolve(before);
        };
        look();
      }),
    rest: () => text,
  };
}
