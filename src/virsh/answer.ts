/** What one command printed. */
export interface Answer {
  readonly stdout: string;
  /** The lines that libvirt or virsh reported as errors, without their prefix. Not every one means that the command failed. */
  readonly errors: readonly string[];
}

/** The two halves of a mark: typed apart (`echo ab''cd`), so that the echo of the typed line never looks like the mark. */
export interface Mark {
  readonly left: string;
  readonly right: string;
}

export function markText({ left, right }: Mark): string {
  return left + right;
}

export function markWord({ left, right }: Mark): string {
  return `${left}''${right}`;
}

const PROMPT = 'virsh [#>] ';

/**
 * Given all that stood on stdout before a mark, the output of the command alone: virsh prints its prompts and, where it
 * was built with readline, the typed lines among it (wrapped by carriage returns, but each ending in one line feed).
 */
export function stripPrompts(text: string, mark: Mark): string {
  const word = markWord(mark);
  const typed = new RegExp(`\\n?${PROMPT}echo --err ${word}\\n\\n?${PROMPT}echo ${word}\\n$`);
  if (typed.test(text)) return text.replace(typed, '').replace(new RegExp(`^\n*${PROMPT}[^\n]*\n`), '');
  return text.replace(new RegExp(`^\n*${PROMPT}`), '').replace(new RegExp(`(?:${PROMPT})*$`), '');
}

/** The reported errors among what stood on stderr; the embedded driver's log lines and reconnection notes are none. */
export function readErrors(stderr: string): string[] {
  return stderr
    .split('\n')
    .filter((line) => line.startsWith('error: '))
    .map((line) => hidePasswords(line.slice('error: '.length).trim()))
    .filter((line) => line !== '' && line !== 'Reconnected to the hypervisor');
}

/** libvirt quotes the line of a definition that it can't read, passwords and all. */
function hidePasswords(line: string): string {
  return line.replace(/passwd=("[^"]*"?|'[^']*'?)/g, "passwd='***'");
}
