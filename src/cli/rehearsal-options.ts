import { isAbsolute } from 'node:path';
import type { PrimeOptions } from '../conversion/prime/prime-guest.ts';
import type { RehearsalOptions } from '../conversion/rehearsal/rehearse.ts';
import { VirtioizeError } from '../error.ts';
import { parseDuration } from './restart-options.ts';

export interface ScratchArguments {
  readonly scratchDir: string;
  readonly scratchLimit: string;
  readonly bootTimeout: string;
}

export interface RehearsalArguments extends ScratchArguments {
  readonly rehearse: boolean;
}

/**
 * How clones are to be booted.
 * @throws VirtioizeError `usage`
 */
export function readRehearsalOptions(
  { scratchDir, scratchLimit, bootTimeout }: ScratchArguments,
  when: RehearsalOptions['when'],
): RehearsalOptions {
  return {
    when,
    scratchDir: parseFolder(scratchDir),
    scratchBytes: parseSize('--scratch-limit', scratchLimit),
    bootTimeoutMs: parseDuration('--boot-timeout', bootTimeout),
  };
}

/**
 * How a disk is to be plugged in.
 * @throws VirtioizeError `usage`
 */
export function readPrimeOptions({
  scratchDir,
  primeTimeout,
}: Pick<ScratchArguments, 'scratchDir'> & { readonly primeTimeout: string }): PrimeOptions {
  return { scratchDir: parseFolder(scratchDir), timeoutMs: parseDuration('--prime-timeout', primeTimeout) };
}

function parseFolder(path: string): string {
  if (isAbsolute(path)) return path;
  throw new VirtioizeError('usage', `--scratch-dir: '${path}' is no absolute path, which libvirt needs.`);
}

const UNITS: Readonly<Record<string, number>> = { M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };
const MIN_BYTES = 64 * 1024 ** 2;

/** `512M`, `8G`, `1T`: in bytes. */
function parseSize(option: string, text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,6})([MGT])$/.exec(text) ?? [];
  const bytes = Number(number) * (UNITS[unit] ?? 0);
  if (bytes >= MIN_BYTES) return bytes;
  throw new VirtioizeError('usage', `${option}: '${text}' is not a size of 64M or more.`, {
    hint: 'Write it like 512M or 8G.',
  });
}
