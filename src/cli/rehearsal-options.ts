import { isAbsolute } from 'node:path';
import type { Argv } from 'yargs';
import type { PrimeOptions } from '../conversion/prime/prime-guest.ts';
import type { RehearsalOptions } from '../conversion/rehearsal/rehearse.ts';
import { VirtioizeError } from '../error.ts';
import { defaultScratchDir } from '../store/state-dir.ts';
import { parseDuration } from './restart-options.ts';

/** How a clone is booted. */
export function withScratch<T>(yargs: Argv<T>) {
  return withScratchDir(yargs).option('scratch-limit', {
    type: 'string',
    nargs: 1,
    default: '8G',
    describe: 'how much a clone may write (512M, 8G)',
  });
}

export function withScratchDir<T>(yargs: Argv<T>) {
  return yargs.option('scratch-dir', {
    type: 'string',
    nargs: 1,
    default: defaultScratchDir(process.getuid?.() === 0),
    defaultDescription: 'root: /var/lib/libvirt/images if it is there, others: /var/tmp',
    describe: 'where throw-away disks lie; QEMU must be able to go there',
  });
}

/** Whether to boot a clone where nothing cheaper proves a guest. */
export function withRehearsal<T>(yargs: Argv<T>) {
  return withScratch(yargs).option('rehearse', {
    type: 'boolean',
    default: false,
    describe: 'boot a throw-away clone of guests that are off, where nothing else proves or refutes them',
  });
}

/** How long a guest may take with the disk that is plugged in. */
export function withPrimeTimeout<T>(yargs: Argv<T>) {
  return yargs.option('prime-timeout', {
    type: 'string',
    nargs: 1,
    default: '2m',
    describe: 'how long a guest may take to take a plugged-in disk up, and to let go of it',
  });
}

/** Whether to plug a small virtio disk into guests first. */
export function withPrime<T>(yargs: Argv<T>) {
  return withPrimeTimeout(yargs).option('prime', {
    type: 'boolean',
    default: false,
    describe: 'plug a small virtio disk into running guests that are not proven, so that Windows binds its driver',
  });
}

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
