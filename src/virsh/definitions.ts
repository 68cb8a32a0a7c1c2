import { ask } from './ask.ts';
import { tryCommandLine } from './command-line.ts';
import type { GuestId } from './guests.ts';
import type { Session } from './session.ts';

export interface DumpOptions {
  /**
   * Passwords included. A definition that is going to be defined again must be read so, or they are erased; it takes a
   * connection that may write.
   */
  readonly secrets: boolean;
}

/** The persistent definition, to the letter. */
export async function dumpDefinition(session: Session, guest: GuestId, { secrets }: DumpOptions): Promise<string> {
  const words = ['dumpxml', '--inactive', ...(secrets ? ['--security-info'] : []), guest.uuid];
  return dump(session, words, `read the definition of '${guest.name}'`);
}

/** The definition of the running instance, or, of a guest that is off, the persistent one. */
export async function dumpCurrentDefinition(
  session: Session,
  guest: GuestId,
  { secrets }: DumpOptions,
): Promise<string> {
  const words = ['dumpxml', ...(secrets ? ['--security-info'] : []), guest.uuid];
  return dump(session, words, `read the definition of '${guest.name}'`);
}

/** The definition of the running instance. */
export async function dumpLiveDefinition(session: Session, guest: GuestId): Promise<string> {
  return dump(session, ['dumpxml', guest.uuid], `read the running instance of '${guest.name}'`);
}

/** The definition that a managed save would resume. */
export async function dumpSavedDefinition(session: Session, guest: GuestId): Promise<string> {
  return dump(session, ['managedsave-dumpxml', guest.uuid], `read the saved instance of '${guest.name}'`);
}

async function dump(session: Session, words: readonly string[], action: string): Promise<string> {
  const output = await ask(session, words, { action, success: /^<domain/ });
  return output.trimEnd().concat('\n');
}

/**
 * Store a definition as the guest's persistent one. libvirt changes nothing where it refuses.
 * @param file a file that holds it: virsh reads it, never the standard input.
 * @throws VirtioizeError `command-failed` with libvirt's own words where it refuses; `connection-lost` or
 * `command-timeout` where nobody knows whether it did it.
 */
export async function defineGuest(session: Session, guest: GuestId, file: string): Promise<void> {
  await ask(session, ['define', file], {
    action: `define '${guest.name}'`,
    success: /^Domain .* defined from /m,
    changing: true,
  });
}

/**
 * Let libvirt place the devices of a definition that is not defined, as QEMU would get them.
 * @returns undefined where it can, else its error. Drivers that can't tell report none.
 */
export async function findPlacementProblem(session: Session, file: string): Promise<string | undefined> {
  const errors = await tryCommandLine(session, file);
  return errors.find((error) => /PCI|slot/i.test(error));
}
