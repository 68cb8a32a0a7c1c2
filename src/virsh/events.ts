import { setTimeout as delay } from 'node:timers/promises';
import { isVirtioizeError } from '../error.ts';
import { runsInVirsh } from './connection-uri.ts';
import type { GuestId } from './guests.ts';
import { openSession, type Session } from './session.ts';

/** libvirt's events about all guests of a connection. They wake up whoever waits; the state itself is then read. */
export interface GuestEvents {
  /** Resolves at the next event of any guest, or after the time. Never throws. */
  next(timeoutMs: number): Promise<void>;
  /** How often a guest was reset while somebody waited: its system began anew without its QEMU ending. */
  resets(guest: GuestId): number;
  close(): Promise<void>;
}

const LISTEN_SECONDS = 30;

/** While it waits for an event, the virsh that is the driver itself can do nothing else. */
const LISTEN_SECONDS_INSIDE = 1;

/**
 * Listen to a connection's events: with a daemon in a virsh process of its own, begun at the first wait; where the
 * driver runs inside virsh, in the session that there is.
 */
export function listenToEvents(session: Session): GuestEvents {
  const isInside = runsInVirsh(session.uri);
  const resets = new Map<string, number>();
  let own: Session | undefined;
  let listening: Promise<void> | undefined;

  const listener = async (): Promise<Session | undefined> => {
    if (isInside) return session;
    if (own === undefined || own.isOver()) own = await openSession({ uri: session.uri }).catch(noneIfUnreachable);
    return own;
  };
  const listen = async (): Promise<void> => {
    const seconds = isInside ? LISTEN_SECONDS_INSIDE : LISTEN_SECONDS;
    const begun = Date.now();
    try {
      const answer = await (await listener())?.run(['event', '--all', '--timeout', String(seconds)]);
      const name = /^event 'reboot' for domain '(.*)'$/m.exec(answer?.stdout ?? '')?.[1];
      if (name !== undefined) resets.set(name, (resets.get(name) ?? 0) + 1);
      if (name === undefined && !/^event /m.test(answer?.stdout ?? '')) await atLeastASecond(begun);
    } catch (error) {
      if (!isVirtioizeError(error)) throw error;
      await atLeastASecond(begun);
    }
  };
  return {
    next(timeoutMs) {
      listening ??= listen().finally(() => {
        listening = undefined;
      });
      return Promise.race([listening, delay(timeoutMs, undefined, { ref: false })]);
    },
    resets: ({ name }) => resets.get(name) ?? 0,
    async close() {
      await own?.close(0);
    },
  };
}

function noneIfUnreachable(error: unknown): undefined {
  if (!isVirtioizeError(error)) throw error;
  return undefined;
}

/** Where there are no events to be had (a driver that knows none, a daemon that is away), do not ask without a pause. */
async function atLeastASecond(begun: number): Promise<void> {
  const leftMs = begun + 1000 - Date.now();
  if (leftMs > 0) await delay(leftMs);
}
