const REMOTE_TRANSPORT = /^[a-z]+\+(?:ssh|libssh2?|tls|tcp|ext):/;

/** Whether a connection URI reaches the libvirt of this very machine, so that its files can be read here. */
export function isLocal(uri: string): boolean {
  return /^[a-z+]+:\/\/\//.test(uri) && !REMOTE_TRANSPORT.test(uri);
}

/** Whether libvirt's driver runs inside the virsh process itself (embedded, test), so that a second one can't look on. */
export function runsInVirsh(uri: string): boolean {
  return uri.startsWith('test:') || /\/embed\?/.test(uri);
}

/**
 * The file that libvirt logs a guest's QEMU to on this machine; it stays when a guest goes. Undefined where it can't be told.
 */
export function logFile(uri: string, guest: string): string | undefined {
  const root = /^qemu:\/\/\/embed\?(?:.*&)?root=([^&]+)/.exec(uri)?.[1];
  if (root !== undefined) return `${decodeURIComponent(root)}/log/qemu/${guest}.log`;
  return /^qemu:\/\/\/system\b/.test(uri) ? `/var/log/libvirt/qemu/${guest}.log` : undefined;
}
