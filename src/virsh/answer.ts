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

/** The typed line that asks for a mark, as it stands before it. */
const TYPED_MARK = /\n?virsh [#>] echo --err (\S+); echo (\S+)\n+$/;
const TYPED_MARK_LENGTH = 200;

/**
 * Given all that stood on stdout before a mark, the output of the command alone: virsh prints its prompts and, where it
 * was built with readline, the typed lines among it (wrapped by carriage returns, but each ending in one line feed).
 */
export function stripPrompts(text: string, mark: Mark): string {
  const [typed = '', ...words] = TYPED_MARK.exec(text.slice(-TYPED_MARK_LENGTH)) ?? [];
  if (words.length > 0 && words.every((word) => word === markWord(mark)))
    return text.slice(0, -typed.length).replace(/^\n*virsh [#>] [^\n]*\n/, '');
  return text.replace(/^\n*virsh [#>] /, '').replace(/(?:virsh [#>] \n*)*$/, '');
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
