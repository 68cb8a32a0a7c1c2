import { virshFailure } from './failure.ts';
import type { RunOptions, Session } from './session.ts';

export interface AskOptions extends RunOptions {
  /** Finishes the sentence "Could not ...". */
  readonly action: string;
  /** What the output of a command that succeeded looks like: the exit status says nothing within a session. */
  readonly success: RegExp;
}

/**
 * Run a command and return its output.
 * @throws VirtioizeError of the code that fits what libvirt reported, where the output is not that of a success.
 */
export async function ask(
  session: Session,
  command: readonly string[],
  { action, success, ...options }: AskOptions,
): Promise<string> {
  const { stdout, errors } = await session.run(command, options);
  if (success.test(stdout)) return stdout;
  throw virshFailure(action, command, errors);
}
