import { runsInVirsh } from './connection-uri.ts';
import { openSession, type Session } from './session.ts';

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Ask something that may never be answered, and that nobody depends on. A command without an answer ends its session:
 * with a daemon it gets one of its own, so that the given one lives on. Where the driver runs inside virsh there is no
 * second one, and the given one is used.
 * @throws VirtioizeError also where a second session can't be had.
 */
export async function askAside<T>(session: Session, work: (own: Session) => Promise<T>): Promise<T> {
  if (runsInVirsh(session.uri)) return work(session);
  const own = await openSession({ uri: session.uri, connectTimeoutMs: CONNECT_TIMEOUT_MS });
  try {
    return await work(own);
  } finally {
    await own.close();
  }
}
