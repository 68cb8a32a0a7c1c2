import { execa } from 'execa';
import { GuestfsError } from './guestfs-error.ts';

const TIMEOUT_MS = 60_000;
/** What prlimit(1) gives to a program that reads what a guest wrote. */
const MEMORY_BYTES = 2 * 1024 * 1024 * 1024;
const CPU_SECONDS = 50;
const MAX_OUTPUT_CHARACTERS = 48 * 1024 * 1024;
const MAX_COMPLAINT = 300;

/**
 * Run a program that reads a guest's data, bounded in time, memory and output.
 * @returns what it printed.
 * @throws GuestfsError
 */
export async function runBounded(program: string, words: readonly string[]): Promise<string> {
  const limits = [`--as=${MEMORY_BYTES}`, `--cpu=${CPU_SECONDS}`, '--core=0'];
  const { failed, exitCode, stdout, stderr, timedOut, isMaxBuffer } = await execa(
    'prlimit',
    [...limits, '--', program, ...words],
    {
      stdin: 'ignore',
      reject: false,
      timeout: TIMEOUT_MS,
      maxBuffer: MAX_OUTPUT_CHARACTERS,
      forceKillAfterDelay: 2000,
      stripFinalNewline: false,
      env: { LC_ALL: 'C' },
    },
  );
  if (!failed) return stdout;
  if (timedOut) throw new GuestfsError('timeout', `${program} did not end within ${TIMEOUT_MS / 1000} s`);
  if (isMaxBuffer) throw new GuestfsError('refused', `${program} says more than any guest has`);
  if (exitCode === undefined || exitCode === 127) throw new GuestfsError('missing', `${program} can't be run here`);
  const complaint = stderr.trim().slice(-MAX_COMPLAINT);
  throw new GuestfsError('refused', `${program}: ${complaint === '' ? `exit status ${exitCode}` : complaint}`);
}
