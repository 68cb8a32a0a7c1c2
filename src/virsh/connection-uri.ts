const REMOTE_TRANSPORT = /^[a-z]+\+(?:ssh|libssh2?|tls|tcp|ext):/;

/** Whether a connection URI reaches the libvirt of this very machine, so that its files can be read here. */
export function isLocal(uri: string): boolean {
  return /^[a-z+]+:\/\/\//.test(uri) && !REMOTE_TRANSPORT.test(uri);
}

/** Whether libvirt's driver runs inside the virsh process itself (embedded, test), so that a second one can't look on. */
export function runsInVirsh(uri: string): boolean {
  return uri.startsWith('test:') || /\/embed\?/.test(uri);
}
