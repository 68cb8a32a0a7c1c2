import { randomBytes } from 'node:crypto';
import { VirtioizeError } from '../error.ts';
import { type Answer, type Mark, markText, markWord, readErrors, stripPrompts } from './answer.ts';
import { quoteCommand } from './quote.ts';

/** Far above any definition or agent answer that libvirt lets through (10 MiB). */
const MAX_OUTPUT_CHARACTERS = 64 * 1024 * 1024;

interface Pending {
  readonly mark: Mark;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: VirtioizeError) => void;
}

/** Commands and answers on the two streams of one virsh, told apart by random marks that virsh is made to print. */
export interface Conversation {
  /** The lines to send for a command, and its answer to come. */
  ask(command: readonly string[]): { readonly lines: string; readonly answer: Promise<Answer> };
  receive(stream: 'stdout' | 'stderr', chunk: string): void;
  /** All answers that are still awaited, and all asked for later, fail with this error. */
  end(error: VirtioizeError): void;
  /** What came on stderr since the last answer. */
  unreadErrors(): string[];
}

/** @param onFlood called once where virsh prints without end. */
export function createConversation(onFlood: () => void): Conversation {
  const unread = { stdout: '', stderr: '' };
  const pending: Pending[] = [];
  let ended: VirtioizeError | undefined;

  const take = (stream: 'stdout' | 'stderr', text: string, at: number): string => {
    const taken = unread[stream].slice(0, at);
    unread[stream] = unread[stream].slice(at + text.length);
    return taken;
  };
  const settle = (): void => {
    for (let first = pending[0]; first !== undefined; first = pending[0]) {
      const text = markText(first.mark);
      const errEnd = unread.stderr.indexOf(text);
      if (errEnd < 0) return; // it comes before the other: a long list comes in hundreds of pieces, and is looked at once
      const outEnd = unread.stdout.indexOf(text);
      if (outEnd < 0) return;
      pending.shift();
      const stdout = stripPrompts(take('stdout', text, outEnd), first.mark);
      first.resolve({ stdout, errors: readErrors(take('stderr', text, errEnd)) });
    }
  };
  const conversation: Conversation = {
    ask(command) {
      const mark: Mark = { left: 'm', right: randomBytes(9).toString('base64url') };
      const word = markWord(mark);
      const lines = `${quoteCommand(command)}\necho --err ${word}; echo ${word}\n`;
      const answer = new Promise<Answer>((resolve, reject) => {
        if (ended !== undefined) reject(ended);
        else pending.push({ mark, resolve, reject });
      });
      return { lines, answer };
    },
    receive(stream, chunk) {
      unread[stream] += chunk;
      if (unread[stream].length > MAX_OUTPUT_CHARACTERS) {
        unread[stream] = '';
        conversation.end(new VirtioizeError('command-failed', 'virsh printed far more than any answer has.'));
        onFlood();
      } else settle();
    },
    end(error) {
      ended ??= error;
      for (const { reject } of pending.splice(0)) reject(ended);
    },
    unreadErrors: () => readErrors(unread.stderr),
  };
  return conversation;
}
