import { type ErrorCode, VirtioizeError } from '../error.ts';

const PATTERNS: readonly (readonly [RegExp, ErrorCode, string])[] = [
  [
    /Failed to acquire pid file .*driver\.pid/,
    'locked',
    'Another process is using this embedded libvirt, which lets one in at a time: wait until it is done.',
  ],
  [
    // What virsh says of its own connection, and not what libvirt says of others' (QEMU's monitor, virtlogd).
    /Disconnected from|no valid connection|[Ff]ailed to (?:re)?connect to the hypervisor|client socket is closed|End of file while reading data|[Cc]annot (?:recv|write) data/,
    'connection-lost',
    'See whether libvirtd (or virtqemud) runs, then run virtioize again: it brings to an end what was interrupted.',
  ],
  [
    /operation forbidden|access denied|Permission denied|authentication (?:failed|unavailable)|polkit/i,
    'permission',
    'Run as root, as a member of the libvirt group, or with a connection that may write.',
  ],
  [
    /Domain not found|failed to get domain/,
    'no-such-guest',
    'It may have been undefined meanwhile: see virsh list --all.',
  ],
];

/**
 * Given what virsh reported, the error that the rest of the program understands.
 * @param action what was tried, in words that finish "could not ...".
 */
export function virshFailure(action: string, command: readonly string[], errors: readonly string[]): VirtioizeError {
  const reported = errors.length > 0 ? errors.join('; ') : 'virsh gave no answer';
  const known = PATTERNS.find(([pattern]) => pattern.test(reported));
  return new VirtioizeError(known?.[1] ?? 'command-failed', `Could not ${action}: ${reported}.`, {
    ...(known === undefined ? {} : { hint: known[2] }),
    details: { command: `virsh ${command[0] ?? ''}` },
  });
}
