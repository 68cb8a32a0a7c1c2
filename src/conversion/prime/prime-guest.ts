import { join } from 'node:path';
import type { Refusal } from '../../domain/finding.ts';
import { probeDevice, probeTarget } from '../../domain/probe-disk.ts';
import { newDiskId } from '../../domain/virtio-id.ts';
import { readDefinition } from '../../domain/xml.ts';
import { isVirtioizeError } from '../../error.ts';
import { GuestfsError } from '../../guestfs/guestfs-error.ts';
import { makeEmptyDisk } from '../../guestfs/overlay.ts';
import { announce } from '../../store/journal.ts';
import { type ProbeRecord, writeTemporary } from '../../store/temporary.ts';
import { readBlockCounters } from '../../virsh/block-counters.ts';
import { isLocal } from '../../virsh/connection-uri.ts';
import type { GuestId } from '../../virsh/guests.ts';
import { plugIn } from '../../virsh/hot-plug.ts';
import { outlast } from '../../virsh/outlast.ts';
import { newChangeId } from '../change-id.ts';
import type { GuestFacts } from '../guest-facts.ts';
import { withPrivateFile } from '../private-file.ts';
import { createDeadline } from '../restart/deadline.ts';
import type { ChangeContext } from '../run-context.ts';
import { stateRefusals } from '../state-refusals.ts';
import { PROBE_PREFIX, takeProbeAway } from './unplug.ts';

const LOOK_AGAIN_MS = 1_000;

export interface PrimeOptions {
  readonly scratchDir: string;
  /**
   * How long the guest may take to take the disk up, and as long again to let go of it: Windows looks for a driver when it
   * first sees a device.
   */
  readonly timeoutMs: number;
}

/** What speaks against plugging a disk into a guest. */
export function primeRefusals(facts: GuestFacts, uri: string): Refusal[] {
  if (facts.state !== 'running') {
    return [
      {
        code: 'guest-busy',
        message: `It does not run (it is '${facts.state}'): a disk can be plugged into a running guest alone.`,
        hint: 'Start it first; a guest that is off can be rehearsed instead (virtioize rehearse).',
      },
    ];
  }
  // What it is to be asked matters, whether it is transient does not.
  const busy = stateRefusals(facts).filter(({ code }) => code === 'guest-busy');
  const hasPci = newDiskId(readDefinition(facts.live ?? facts.definition)) !== undefined;
  return [...busy, ...(hasPci ? [] : [noPci()]), ...(isLocal(uri) ? [] : [elsewhere()])];
}

/**
 * Plug a small virtio disk into a running guest, wait until its system has taken it up, and unplug it again. Windows
 * binds its driver to the PCI id then, which a driver that is only installed is not.
 * @returns what kept it from being taken up; undefined where it was.
 * @throws VirtioizeError `left-behind` where the guest does not let go of the disk.
 */
export async function primeGuest(
  context: ChangeContext,
  facts: GuestFacts,
  { scratchDir, timeoutMs }: PrimeOptions,
): Promise<Refusal | undefined> {
  const { session, places, report } = context;
  const guest = { name: facts.name, uuid: facts.uuid };
  const id = newChangeId();
  const probe: ProbeRecord = {
    kind: 'probe',
    target: probeTarget(facts.live ?? facts.definition),
    file: join(scratchDir, `${PROBE_PREFIX}${id}.qcow2`),
  };
  report({ guest: guest.name, step: 'probe' });
  await announce(places.journal, { change: id, guest, step: 'probe' });
  await writeTemporary(places.temporary, id, probe);
  try {
    await makeEmptyDisk(probe.file, PROBE_BYTES);
    await withPrivateFile(probeDevice(probe.file, probe.target), (file) => plugIn(session, guest, file));
    return (await isTakenUp(context, guest, { target: probe.target, timeoutMs }))
      ? undefined
      : notTakenUp(timeoutMs, context.interrupted.aborted);
  } catch (error) {
    if (error instanceof GuestfsError)
      return notPluggedIn(`the file ${probe.file} could not be made: ${error.message}`);
    if (!isVirtioizeError(error, 'command-failed')) throw error;
    return NO_SLOT.test(error.message) ? noSlot() : notPluggedIn(error.message);
  } finally {
    await takeProbeAway(context, { id, guest }, { probe, timeoutMs });
  }
}

const PROBE_BYTES = 64 * 1024 * 1024;

/** A system with a driver reads a disk's partition table as soon as it has it; nothing else does while the guest runs. */
async function isTakenUp(
  { session, events, interrupted }: ChangeContext,
  guest: GuestId,
  { target, timeoutMs }: { readonly target: string; readonly timeoutMs: number },
): Promise<boolean> {
  const deadline = createDeadline(timeoutMs, interrupted);
  for (;;) {
    const counters = await outlast(session, () => readBlockCounters(session, guest));
    if ((counters.get(target)?.reads ?? 0) > 0) return true;
    if (deadline.hasPassed() || interrupted.aborted) return false;
    await events.next(LOOK_AGAIN_MS);
  }
}

const NO_SLOT = /No more available PCI slots|no free .*slot|PCI slot/i;

function noSlot(): Refusal {
  return {
    code: 'pci-slots',
    message: 'No PCI slot is free into which a disk could be plugged while it runs.',
    hint: "Shut it down, add a spare port (virsh edit: <controller type='pci' model='pcie-root-port'/>), start it and try again; or have it proven while it is off (convert --restart graceful --rehearse).",
  };
}

function notTakenUp(timeoutMs: number, isInterrupted: boolean): Refusal {
  const until = isInterrupted ? 'until the run was interrupted' : `within ${timeoutMs / 1000} s`;
  return {
    code: 'no-driver-evidence',
    message: `Its system did not take up a virtio disk that was plugged in, ${until}.`,
    hint: 'It has no driver for it, or has no hot-plug. Windows: attach the virtio-win ISO and, as administrator, pnputil /add-driver E:\\viostor\\<version>\\amd64\\viostor.inf /install; then try again.',
  };
}

function notPluggedIn(why: string): Refusal {
  return {
    code: 'no-driver-evidence',
    message: `No disk could be plugged in: ${why.replace(/\.$/, '')}.`,
    hint: '--scratch-dir names another folder for its file; QEMU must be able to go there.',
  };
}

function noPci(): Refusal {
  return {
    code: 'unsupported-machine',
    message: 'No virtio disk can be plugged into this type of machine.',
    hint: 'Have it proven while it is off: convert --restart graceful --rehearse.',
  };
}

function elsewhere(): Refusal {
  return {
    code: 'no-driver-evidence',
    message: 'libvirt runs on another machine, where the file of the disk can not be made.',
    hint: 'Run virtioize on that host.',
  };
}
