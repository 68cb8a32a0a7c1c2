import type { Session } from './session.ts';

/**
 * The names that a listing command prints, one a line and padded, or undefined where the connection can't tell: the
 * embedded driver and the test driver know guests alone.
 */
export async function listNames(
  session: Session,
  command: readonly string[],
): Promise<ReadonlySet<string> | undefined> {
  const { stdout, errors } = await session.run(command);
  if (errors.length > 0) return undefined;
  return new Set(
    stdout
      .split('\n')
      .map((line) => line.trimEnd())
      .filter((name) => name !== ''),
  );
}
