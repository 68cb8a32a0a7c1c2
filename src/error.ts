/**
 * Everything that can go wrong with a run as a whole, by the exit status it ends with (sysexits.h; see docs/exit-codes.md).
 * What stands in the way of one guest is not an error but a finding (domain/finding.ts).
 */
export const EXIT_STATUS = {
  usage: 64,
  'no-such-guest': 64,
  'definition-unreadable': 65,
  'record-unreadable': 65,
  'program-missing': 69,
  'libvirt-unreachable': 69,
  'connection-lost': 69,
  'command-timeout': 69,
  'command-failed': 69,
  'shutdown-ignored': 1,
  'did-not-come-up': 1,
  interrupted: 1,
  'left-behind': 1,
  bug: 70,
  'state-unwritable': 73,
  'report-unwritable': 73,
  locked: 75,
  permission: 77,
  config: 78,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof EXIT_STATUS;

export interface ErrorContext {
  /** What the admin can do next, one sentence. */
  readonly hint?: string;
  /** Where there is more than one thing wrong: each in a line of its own. */
  readonly problems?: readonly string[];
  readonly cause?: unknown;
  /** The arguments, status and last words of a failed command, for `-v` and bug reports. Never holds a definition. */
  readonly details?: Readonly<Record<string, string | number>>;
}

/** The one error class: `code` decides the exit status, `message` says what and where, `hint` what to do next. */
export class VirtioizeError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly problems: readonly string[];
  readonly details: Readonly<Record<string, string | number>>;

  constructor(code: ErrorCode, message: string, { hint, problems = [], cause, details = {} }: ErrorContext = {}) {
    super(message, { cause });
    this.name = 'VirtioizeError';
    this.code = code;
    this.hint = hint;
    this.problems = problems;
    this.details = details;
  }
}

/** Whether `error` is a VirtioizeError, of the given code where one is named. */
export function isVirtioizeError(error: unknown, code?: ErrorCode): error is VirtioizeError {
  return error instanceof VirtioizeError && (code === undefined || error.code === code);
}

/** The error code of a failed system call (`ENOENT`, ...), or undefined. */
export function systemErrorCode(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
