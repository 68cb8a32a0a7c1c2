import { setTimeout as delay } from 'node:timers/promises';
import { isVirtioizeError } from '../error.ts';
import { runsInVirsh } from './connection-uri.ts';
import type { GuestId } from './guests.ts';
import type { Session } from './session.ts';
import { startListener } from './virsh-process.ts';

/** libvirt's events about all guests of a connection. They wake up whoever waits; the state itself is then read. */
export interface GuestEvents {
  /** Resolves at the next event of any guest, or after the time. */
  next(timeoutMs: number): Promise<void>;
  /** How often a guest was reset since it is listened: its system began anew without its QEMU ending. */
  resets(guest: GuestId): number;
  close(): Promise<void>;
}

/** Events come in bursts; a guest that makes them all the time wakes nobody more often than this. */
const PAUSE_MS = 200;

/** Where there are no events to be had (a daemon that is away), this is how often the state is read. */
const BLIND_MS = 1_000;

/** While it listens, the virsh that is the driver itself can do nothing else. */
const LISTEN_SECONDS_INSIDE = 1;

/**
 * Listen to a connection's events from the first wait on: with a daemon in a virsh process of its own; where the driver
 * runs inside virsh, in the session that there is, a second at a time.
 */
export function listenToEvents(session: Session): GuestEvents {
  return runsInVirsh(session.uri) ? listenInside(session) : listenBeside(session.uri);
}

function listenBeside(uri: string): GuestEvents {
  const resets = createResetCounter();
  const waiting = new Set<() => void>();
  let listener: ReturnType<typeof startListener> | undefined;
  let waking: NodeJS.Timeout | undefined;
  const listen = (): void => {
    const own = startListener(uri);
    listener = own;
    let rest = '';
    own.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) resets.count(line);
      waking ??= setTimeout(() => {
        waking = undefined;
        for (const wake of waiting) wake();
      }, PAUSE_MS);
    });
    void own.then(() => {
      if (listener === own) listener = undefined;
    });
  };
  return {
    async next(timeoutMs) {
      const isBlind = listener === undefined;
      if (isBlind) listen();
      const patienceMs = isBlind ? Math.min(timeoutMs, BLIND_MS) : timeoutMs;
      let wake = (): void => {};
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      waiting.add(wake);
      await Promise.race([woken, delay(patienceMs, undefined, { ref: false })]);
      waiting.delete(wake);
    },
    resets: resets.of,
    async close() {
      clearTimeout(waking);
      listener?.kill('SIGKILL');
      await listener;
    },
  };
}

function listenInside(session: Session): GuestEvents {
  const resets = createResetCounter();
  let listening: Promise<void> | undefined;
  const listen = async (): Promise<void> => {
    const pause = delay(BLIND_MS);
    try {
      const { stdout } = await session.run(['event', '--all', '--loop', '--timeout', String(LISTEN_SECONDS_INSIDE)]);
      for (const line of stdout.split('\n')) resets.count(line);
    } catch (error) {
      if (!isVirtioizeError(error)) throw error;
    }
    await pause;
  };
  return {
    next() {
      listening ??= listen().finally(() => {
        listening = undefined;
      });
      return listening;
    },
    resets: resets.of,
    close: async () => {},
  };
}

function createResetCounter(): { readonly count: (line: string) => void; readonly of: (guest: GuestId) => number } {
  const counts = new Map<string, number>();
  return {
    count(line) {
      const name = /^event 'reboot' for domain '(.*)'$/.exec(line)?.[1];
      if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
    },
    of: ({ name }) => counts.get(name) ?? 0,
  };
}
