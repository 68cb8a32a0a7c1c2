import { isVirtioizeError } from '../error.ts';
import { ask } from './ask.ts';
import { runsInVirsh } from './connection-uri.ts';
import { virshFailure } from './failure.ts';
import type { GuestId } from './guests.ts';
import { outlast } from './outlast.ts';
import type { Session } from './session.ts';

/** What a guest does and why, in libvirt's words: `running` (`booted`), `shut off` (`destroyed`), `crashed` (`panicked`). */
export interface PowerState {
  readonly state: string;
  readonly reason: string;
}

export async function readPowerState(session: Session, { uuid, name }: GuestId): Promise<PowerState> {
  const output = await ask(session, ['domstate', '--reason', uuid], {
    action: `read the state of '${name}'`,
    success: /^\S.* \(.*\)$/m,
  });
  const [, state = '', reason = ''] = /^(\S.*?) \((.*)\)$/m.exec(output) ?? [];
  return { state, reason };
}

/** Whether a guest is off, once libvirt can be asked. */
export async function isGuestOff(session: Session, guest: GuestId): Promise<boolean> {
  return (await outlast(session, () => readPowerState(session, guest))).state === 'shut off';
}

/** Allocating the memory of a large guest takes its time, and so does QEMU's end while its caches are written. */
const POWER_TIMEOUT_MS = 300_000;

/**
 * Start a guest with its persistent definition; one that runs already is left alone.
 * @throws VirtioizeError `command-failed` with libvirt's own words where it can't be started.
 */
export async function startGuest(session: Session, guest: GuestId): Promise<void> {
  const words = ['start', guest.uuid];
  const { stdout, errors } = await session.run(words, { changing: true, timeoutMs: POWER_TIMEOUT_MS });
  if (/^Domain .* started$/m.test(stdout) || (await hasState(session, guest, (state) => state !== 'shut off'))) return;
  throw virshFailure(`start '${guest.name}'`, words, errors);
}

/**
 * Start a guest that has no persistent definition. Where libvirt is a daemon, it ends with this session, however that
 * ends; the drivers inside virsh know no such thing.
 * @throws VirtioizeError `command-failed` with libvirt's own words where it can't be started.
 */
export async function createTransientGuest(session: Session, { name }: GuestId, file: string): Promise<void> {
  await ask(session, ['create', file, ...(runsInVirsh(session.uri) ? [] : ['--autodestroy'])], {
    action: `start '${name}'`,
    success: /^Domain .* created from /m,
    changing: true,
    timeoutMs: POWER_TIMEOUT_MS,
  });
}

/** Take a guest's power away, as pulling the plug does; one that is off is left alone. */
export async function powerOffGuest(session: Session, guest: GuestId): Promise<void> {
  const words = ['destroy', guest.uuid];
  const { stdout, errors } = await session.run(words, { changing: true, timeoutMs: POWER_TIMEOUT_MS });
  if (/^Domain .* destroyed$/m.test(stdout) || (await hasState(session, guest, (state) => state === 'shut off')))
    return;
  throw virshFailure(`power off '${guest.name}'`, words, errors);
}

/**
 * Ask a guest to shut itself down: through its agent, or by its power button.
 * @returns whether the request was taken, which says nothing of what the guest makes of it.
 */
export async function requestShutdown(session: Session, { uuid }: GuestId, mode: 'agent' | 'acpi'): Promise<boolean> {
  const words = ['shutdown', uuid, '--mode', mode];
  const { stdout } = await session.run(words, { changing: true, timeoutMs: POWER_TIMEOUT_MS });
  return /^Domain .* is being shutdown$/m.test(stdout);
}

/** Stop a guest's processors; what its disks were told is done. Doing it twice does no harm. */
export async function suspendGuest(session: Session, guest: GuestId): Promise<void> {
  await ask(session, ['suspend', guest.uuid], {
    action: `pause '${guest.name}'`,
    success: /^Domain .* suspended$/m,
    changing: true,
  });
}

/** Let a paused guest go on; one that is not paused is left alone. */
export async function resumeGuest(session: Session, guest: GuestId): Promise<void> {
  const words = ['resume', guest.uuid];
  const { stdout, errors } = await session.run(words, { changing: true });
  if (/^Domain .* resumed$/m.test(stdout) || (await hasState(session, guest, (state) => state !== 'paused'))) return;
  throw virshFailure(`resume '${guest.name}'`, words, errors);
}

async function hasState(session: Session, guest: GuestId, isMeant: (state: string) => boolean): Promise<boolean> {
  const power = await readPowerState(session, guest).catch((error: unknown) => {
    if (!isVirtioizeError(error)) throw error;
    return undefined;
  });
  return power !== undefined && isMeant(power.state);
}
