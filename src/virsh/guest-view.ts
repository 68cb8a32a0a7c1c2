import * as z from 'zod';
import { indexDiskAddresses, type ReportedAddress } from '../domain/disk-address.ts';
import { askAgent } from './agent.ts';
import type { GuestId } from './guests.ts';
import type { Session } from './session.ts';

/** A disk as a guest's system sees it. */
export interface SeenDisk {
  /** In the words of the agent, which on Linux are libvirt's: `ide`, `sata`, `scsi`, `usb`, `virtio`. */
  readonly bus: string;
  /** The target name of the disk at the address that the agent reports; behind a PCI bridge that may not be found. */
  readonly target: string | undefined;
}

/** What a guest's system sees of its disks, as its agent tells. */
export interface GuestView {
  /** Undefined where the agent is too old to tell. */
  readonly disks: readonly SeenDisk[] | undefined;
  readonly fileSystems: readonly { readonly mountPoint: string; readonly disks: readonly SeenDisk[] }[];
}

const PING_SECONDS = 2;
const ANSWER_SECONDS = 5;

/** Whether the agent of a running guest answers now. */
export async function answersPing(session: Session, guest: GuestId): Promise<boolean> {
  return (await askAgent(session, guest, { execute: 'guest-ping' }, PING_SECONDS)).kind === 'answer';
}

const address = z.object({
  'bus-type': z.string().default(''),
  'pci-controller': z.object({ domain: z.number(), bus: z.number(), slot: z.number(), function: z.number() }),
  bus: z.number(),
  target: z.number(),
  unit: z.number(),
});

/** Far more than any system has: an agent that tells of more is not believed. */
const MAX_ENTRIES = 4096;
const MAX_PATH = 4096; // PATH_MAX
const seenAddress = address.optional().catch(undefined);
const disks = z.array(z.object({ address: seenAddress })).max(MAX_ENTRIES);
const fileSystem = z.object({ mountpoint: z.string().max(MAX_PATH), disk: z.array(seenAddress).max(MAX_ENTRIES) });
const fileSystems = z.array(fileSystem).max(MAX_ENTRIES);

/**
 * What the agent of a running guest tells of its disks and file systems; undefined where it does not answer. The agent
 * is asked itself, command by command and each with its time: `virsh guestinfo` waits for ever for one that hangs.
 * @param live the definition of the running instance, by which the addresses that the agent tells are understood.
 */
export async function readGuestView(session: Session, guest: GuestId, live: string): Promise<GuestView | undefined> {
  if (!(await answersPing(session, guest))) return undefined;
  const ask = async <T>(execute: string, shape: z.ZodType<T>): Promise<T | undefined> => {
    const answer = await askAgent(session, guest, { execute }, ANSWER_SECONDS);
    return answer.kind === 'answer' ? shape.safeParse(answer.value).data : undefined;
  };
  const [seen, mounted] = [await ask('guest-get-disks', disks), await ask('guest-get-fsinfo', fileSystems)];
  if (seen === undefined && mounted === undefined) return undefined;
  const targetAt = indexDiskAddresses(live);
  const seenDisks = (addresses: readonly (z.infer<typeof address> | undefined)[]): SeenDisk[] =>
    addresses.flatMap((one) => (one === undefined ? [] : [{ bus: one['bus-type'], target: targetAt(reported(one)) }]));
  return {
    disks: seen === undefined ? undefined : seenDisks(seen.map((disk) => disk.address)),
    fileSystems: (mounted ?? []).map(({ mountpoint, disk }) => ({ mountPoint: mountpoint, disks: seenDisks(disk) })),
  };
}

function reported({ 'pci-controller': pci, bus, target, unit }: z.infer<typeof address>): ReportedAddress {
  return { pci, bus, target, unit };
}
