import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { type GuestJson, virtioizeJson } from '../program.ts';
import { readJournalLines, type TestHost } from '../test-host.ts';
import { readBoots } from '../testbed/guest-boot.ts';
import { until } from '../until.ts';
import { createTestGuest, rootDisk, type TestGuest, type TestGuestOptions } from './booted-guest.ts';

/** For hooks in which several guests boot and a run restarts them. */
export const SETUP_TIMEOUT_MS = 1_200_000;

/** A guest on IDE, whose serial log tells of all its boots. */
export async function restartGuest(
  host: TestHost,
  options: Omit<TestGuestOptions, 'system'> & Partial<Pick<TestGuestOptions, 'system'>>,
): Promise<TestGuest> {
  const { xml = {}, ...rest } = options;
  return createTestGuest(host, {
    system: { bus: 'ide', target: 'hda' },
    ...rest,
    xml: { keepsSerialLog: true, ...xml },
  });
}

/** Start guests, as many at a time as there are cores to emulate theirs, and wait until all are up with their root on IDE. */
export async function bootAll(guests: readonly TestGuest[]): Promise<void> {
  const atATime = pLimit(availableParallelism());
  const roots = (await Promise.all(guests.map((guest) => atATime(() => guest.boot())))).map(rootDisk);
  const wrong = guests.filter((_, index) => roots[index]?.startsWith('sd') !== true);
  if (wrong.length > 0) throw new Error(`not up on IDE: ${wrong.map(({ name }) => name).join(', ')}`);
}

/**
 * All boots of a guest so far, each by the kind of disk that its root was on, as its system saw it: `sd` or `vd`. Linux
 * deals out the letters of disks on one IDE controller as they come.
 */
export async function rootsSeen({ serialLog }: TestGuest): Promise<string[]> {
  const boots = await readBoots(serialLog);
  return boots.map((boot) => (boot.booted ? (rootDisk(boot.disks)?.slice(0, 2) ?? 'nowhere') : 'not found'));
}

/** The disks of a guest's last boot, as its system saw them. */
export async function disksSeen({ serialLog }: TestGuest) {
  const last = (await readBoots(serialLog)).at(-1);
  return last?.booted ? last.disks : undefined;
}

/** The disks that libvirt has of the running instance: `hda: /path`. */
export async function liveTargets(host: TestHost, name: string): Promise<string[]> {
  const list = await host.root.virsh(['domblklist', '--details', name]);
  return [...list.matchAll(/^\s*\S+\s+disk\s+(\S+)\s+\S/gm)].map(([, target = '']) => target);
}

/** How often a running guest has written to all its disks since it was started. */
async function countWrites(host: TestHost, name: string): Promise<number> {
  const stats = await host.root.virsh(['domstats', '--block', name]);
  return [...stats.matchAll(/wr\.reqs=(\d+)/g)].reduce((sum, [, writes]) => sum + Number(writes), 0);
}

/** Wait until a running guest writes to its disks again. */
export async function untilWrites(host: TestHost, name: string): Promise<void> {
  const before = await countWrites(host, name);
  await until(`${name} writes`, async () => (await countWrites(host, name)) > before);
}

/** The changes of a guest as `history` tells them, oldest first: `convert done`. */
export async function historyOf(host: TestHost, name: string): Promise<string[]> {
  const { document } = await virtioizeJson(['history', name], host.program);
  return document.history?.map(({ action, state }) => `${action} ${state}`) ?? [];
}

/** The folder of a guest's change. */
export async function changeFolder(host: TestHost, { uuid, conversionId = '' }: GuestJson): Promise<string> {
  return join((await host.hostState()) ?? '', 'backups', uuid, conversionId);
}

/** Wait until the last thing in the journal is this step. */
export async function untilJournalSays(host: TestHost, step: string): Promise<void> {
  await until(`the journal says '${step}'`, async () => {
    const state = await host.hostState();
    const lines = state === undefined ? [] : await readJournalLines(state).catch(() => []);
    return lines.at(-1)?.step === step;
  });
}
