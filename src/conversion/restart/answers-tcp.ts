import { once, setMaxListeners } from 'node:events';
import { connect } from 'node:net';

const MAX_ADDRESSES = 16;

/**
 * Whether any of the addresses accepts a TCP connection within the time. All are tried at once, the first 16 of them;
 * nothing is sent, and nothing read.
 * @param addresses IP addresses; a name would be looked up.
 */
export async function answersTcp(addresses: readonly string[], port: number, timeoutMs: number): Promise<boolean> {
  const signal = AbortSignal.timeout(timeoutMs);
  setMaxListeners(MAX_ADDRESSES, signal); // Node warns from eleven on
  const sockets = addresses.slice(0, MAX_ADDRESSES).map((host) => connect({ host, port }));
  try {
    await Promise.any(sockets.map((socket) => once(socket, 'connect', { signal })));
    return true;
  } catch {
    return false; // each was refused, or out of time
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}
