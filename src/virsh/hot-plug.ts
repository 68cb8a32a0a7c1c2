import { ask } from './ask.ts';
import type { GuestId } from './guests.ts';
import type { Session } from './session.ts';

/** libvirt waits for the guest's answer itself, for some seconds. */
const TIMEOUT_MS = 120_000;

/**
 * Plug a device into a running guest; its definition stays as it is.
 * @param file a file that holds the device's XML.
 * @throws VirtioizeError `command-failed` with libvirt's own words where it can't be plugged in.
 */
export async function plugIn(session: Session, { uuid, name }: GuestId, file: string): Promise<void> {
  await ask(session, ['attach-device', uuid, file, '--live'], {
    action: `plug a disk into '${name}'`,
    success: /^Device attached successfully$/m,
    changing: true,
    timeoutMs: TIMEOUT_MS,
  });
}

/**
 * Ask a running guest to let go of a disk. That libvirt has asked says nothing of what the guest makes of it.
 * @returns whether it was asked.
 */
export async function requestUnplug(session: Session, { uuid }: GuestId, target: string): Promise<boolean> {
  const words = ['detach-disk', uuid, target, '--live'];
  const { stdout } = await session.run(words, { changing: true, timeoutMs: TIMEOUT_MS });
  return /^Disk (?:detached|detach requested) successfully$/m.test(stdout);
}
