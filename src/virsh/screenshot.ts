import { ask } from './ask.ts';
import type { GuestId } from './guests.ts';
import type { Session } from './session.ts';

/** A screen is drawn within a second; a QEMU that hangs never draws it. */
const TIMEOUT_MS = 10_000;

/**
 * Write what a running guest shows on its first screen to a file of this machine, wherever the guest runs: a PNG, or a
 * PPM (P6) from a libvirt before 8.6 or a QEMU before 7.1. The guest decides how large its screen is, and so the file.
 * @throws VirtioizeError `command-failed` also where the guest has no screen.
 */
export async function takeScreenshot(session: Session, { uuid, name }: GuestId, file: string): Promise<void> {
  await ask(session, ['screenshot', uuid, '--file', file], {
    action: `take a picture of the screen of '${name}'`,
    success: /^Screenshot saved to /m,
    timeoutMs: TIMEOUT_MS,
  });
}
