import { type ErrorCode, isVirtioizeError, type VirtioizeError } from '../error.ts';
import type { GuestId } from '../virsh/guests.ts';
import { emptyResult, type GuestResult } from './result.ts';

/** Errors that concern one guest alone: the others go on. */
const OF_ONE_GUEST: ReadonlySet<ErrorCode> = new Set([
  'command-failed',
  'left-behind',
  'definition-unreadable',
  'no-such-guest',
  'record-unreadable',
]);

/**
 * Do something with one guest; where that fails for reasons of this guest alone, the result says so.
 * @throws VirtioizeError for what concerns the whole run: the connection, permission, the state directory.
 */
export async function attemptGuest<T>(guest: GuestId, work: () => Promise<T>): Promise<T | GuestResult> {
  try {
    return await work();
  } catch (error) {
    if (!isVirtioizeError(error) || !OF_ONE_GUEST.has(error.code)) throw error;
    return failedResult(guest, error);
  }
}

function failedResult({ name, uuid }: GuestId, error: VirtioizeError): GuestResult {
  return { ...emptyResult({ name, uuid }), outcome: outcomeOf(error), error: describeError(error) };
}

/** What became of a guest with which something went wrong: it is as it was, unless something was left with it. */
export function outcomeOf({ code }: VirtioizeError): 'failed' | 'needs-attention' {
  return code === 'left-behind' ? 'needs-attention' : 'failed';
}

/** An error as a result tells it. */
export function describeError({ code, message, hint }: VirtioizeError): NonNullable<GuestResult['error']> {
  return hint === undefined ? { code, message } : { code, message, hint };
}
