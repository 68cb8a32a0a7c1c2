import { setTimeout as delay } from 'node:timers/promises';
import { isVirtioizeError } from '../error.ts';
import type { Session } from './session.ts';

/** A daemon that died is started again by systemd within seconds. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 250;

/**
 * Do something again and again while libvirt can't be reached: once its daemon is back, the session reconnects by
 * itself. What is done must bear being done twice.
 * @throws VirtioizeError of the last try, where virsh itself is gone or the daemon stays away.
 */
export async function outlast<T>(session: Session, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isVirtioizeError(error, 'connection-lost') || session.isOver() || Date.now() > deadline) throw error;
      await delay(PAUSE_MS);
    }
  }
}
