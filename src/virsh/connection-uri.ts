const REMOTE_TRANSPORT = /^[a-z]+\+(?:ssh|libssh2?|tls|tcp|ext):/;

/** Whether a connection URI reaches the libvirt of this very machine, so that its files can be read here. */
export function isLocal(uri: string): boolean {
  return /^[a-z+]+:\/\/\//.test(uri) && !REMOTE_TRANSPORT.test(uri);
}
