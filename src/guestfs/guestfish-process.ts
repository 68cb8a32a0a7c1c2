import { execa, type Options } from 'execa';
import { GuestfsError } from './guestfs-error.ts';
import { findSocketFolder } from './socket-folder.ts';

export interface GuestfishOptions {
  /** qcow2 overlays, in the order of the guest's disks. */
  readonly overlays: readonly string[];
  /** A folder for its own files, removed by the caller. */
  readonly scratch: string;
  /** For all that is asked, in s. */
  readonly timeoutSeconds: number;
  /** Without hardware virtualization: where /dev/kvm is there and does not work, libguestfs hangs. */
  readonly emulates: boolean;
  /** Ends it at once. */
  readonly interrupted: AbortSignal;
}

/** A socket's whole path has 107 characters (unix(7)), of which libguestfs takes 32. */
const MAX_SOCKET_FOLDER = 75;
/** Of the appliance, in MB. */
const MEMORY_MB = 768;
export const MAX_COMPLAINT = 300;
/** What timeout(1) waits longer than virtioize, which tidies up behind it. */
const SPARE_SECONDS = 5;

/**
 * Start guestfish with disks, taking its commands from its input. It ends with its input, and past its time also where
 * virtioize is gone: timeout(1) sees to that. stdbuf(1) has each answer sent at once.
 */
export function startProcess({ overlays, scratch, timeoutSeconds, emulates }: GuestfishOptions) {
  const disks = overlays.flatMap((overlay) => ['--format=qcow2', '-a', overlay]);
  const words = [
    '--kill-after=5',
    String(timeoutSeconds + SPARE_SECONDS),
    'stdbuf',
    '--output=L',
    'guestfish',
    ...disks,
  ];
  const settings = process.env.LIBGUESTFS_BACKEND_SETTINGS ?? (emulates ? 'force_tcg' : undefined);
  return execa('timeout', words, {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    detached: true, // a process group of its own from its first moment: timeout(1) makes one too, but later
    env: {
      LC_ALL: 'C',
      // not TMPDIR, where the appliance would be looked for, and built anew each time
      LIBGUESTFS_TMPDIR: scratch,
      // where its sockets are, which it leaves behind when it is killed
      ...(scratch.length <= MAX_SOCKET_FOLDER ? { XDG_RUNTIME_DIR: scratch } : {}),
      LIBGUESTFS_BACKEND: 'direct',
      LIBGUESTFS_MEMSIZE: String(MEMORY_MB),
      ...(settings === undefined ? {} : { LIBGUESTFS_BACKEND_SETTINGS: settings }),
    },
  } satisfies Options);
}

/**
 * End all of its process group: guestfish, its appliance, and the process that watches both.
 * @returns the folder with its sockets, which it leaves behind then.
 */
export function killProcess({ pid }: { readonly pid?: number | undefined }): string | undefined {
  if (pid === undefined) return undefined;
  const folder = findSocketFolder(pid);
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it has ended
  }
  return folder;
}

/** Why guestfish ended before it was told to, and was not made to. */
export function describeEnd(
  exitCode: number | undefined,
  complained: string,
  { interrupted }: GuestfishOptions,
): GuestfsError {
  if (interrupted.aborted) return new GuestfsError('interrupted', 'virtioize was interrupted');
  if (exitCode === 127) return new GuestfsError('missing', 'guestfish (libguestfs) is not installed here');
  const complaint = complained.trim().slice(-MAX_COMPLAINT);
  return new GuestfsError(
    'ended',
    `libguestfs ended (${complaint === '' ? `exit status ${exitCode ?? 'unknown'}` : complaint})`,
  );
}
