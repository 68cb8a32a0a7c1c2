import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { hasProbe } from '../../domain/probe-disk.ts';
import { isVirtioizeError, VirtioizeError } from '../../error.ts';
import { announce, type UnfinishedChange } from '../../store/journal.ts';
import { type ProbeRecord, removeTemporary } from '../../store/temporary.ts';
import { dumpLiveDefinition, dumpSavedDefinition } from '../../virsh/definitions.ts';
import { type GuestId, isActive, readGuestInfo } from '../../virsh/guests.ts';
import { requestUnplug } from '../../virsh/hot-plug.ts';
import { outlast } from '../../virsh/outlast.ts';
import type { Session } from '../../virsh/session.ts';
import { createDeadline } from '../restart/deadline.ts';
import type { ChangeContext } from '../run-context.ts';

/** What begins a probe's file name: nothing else is ever removed. */
export const PROBE_PREFIX = 'virtioize-probe-';

const ASK_AGAIN_MS = 10_000;
const LOOK_AGAIN_MS = 1_000;

export interface Unplugging {
  readonly probe: ProbeRecord;
  /** How long the guest may take to let go of it. */
  readonly timeoutMs: number;
}

/**
 * Unplug a probe, and remove its file once the guest has let go of it. Doing it twice, or being killed in it, does no
 * harm.
 * @throws VirtioizeError `left-behind` where the guest keeps it: so does its file stay. The next changing run tries again.
 */
export async function takeProbeAway(
  context: ChangeContext,
  { id, guest }: Pick<UnfinishedChange, 'id' | 'guest'>,
  { probe, timeoutMs }: Unplugging,
): Promise<void> {
  const { places } = context;
  if (!(await unplug(context, guest, { probe, timeoutMs }))) throw stillThere(guest, probe);
  if (basename(probe.file).startsWith(PROBE_PREFIX)) await rm(probe.file, { force: true });
  await removeTemporary(places.temporary, id);
  await announce(places.journal, { change: id, guest, step: 'end' });
}

/** libvirt says that it has asked, and even that it is done, while the guest still holds on to the disk. */
async function unplug(
  { session, events, interrupted }: ChangeContext,
  guest: GuestId,
  { probe, timeoutMs }: Unplugging,
): Promise<boolean> {
  const deadline = createDeadline(timeoutMs, interrupted);
  let askAt = 0;
  while (await isPluggedIn(session, guest, probe)) {
    if (deadline.hasPassed()) return false;
    if (Date.now() >= askAt) {
      await outlast(session, () => requestUnplug(session, guest, probe.target));
      askAt = Date.now() + ASK_AGAIN_MS;
    }
    await events.next(LOOK_AGAIN_MS);
  }
  return true;
}

/** A managed save has what was plugged in when it was made, and can't be resumed without its file. */
async function isPluggedIn(session: Session, guest: GuestId, { target }: ProbeRecord): Promise<boolean> {
  try {
    const instance = await outlast(session, () => readInstanceOf(session, guest));
    return instance !== undefined && hasProbe(instance, target);
  } catch (error) {
    if (isVirtioizeError(error, 'no-such-guest')) return false;
    throw error;
  }
}

/** What runs, or would be resumed. */
async function readInstanceOf(session: Session, guest: GuestId): Promise<string | undefined> {
  const { state, managedSave } = await readGuestInfo(session, guest);
  if (isActive(state)) return dumpLiveDefinition(session, guest);
  return managedSave ? dumpSavedDefinition(session, guest) : undefined;
}

function stillThere({ name }: GuestId, { target, file }: ProbeRecord): VirtioizeError {
  return new VirtioizeError(
    'left-behind',
    `The guest does not let go of the disk '${target}' that was plugged in (${file}, which is kept until it does).`,
    {
      hint: `See what uses it inside; virsh detach-disk ${name} ${target} --live asks again, and it is gone when the guest is next powered off. virtioize recover then removes the file.`,
    },
  );
}
