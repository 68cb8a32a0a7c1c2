import { ask } from './ask.ts';
import type { GuestId } from './guests.ts';
import type { Session } from './session.ts';

/** What a guest asked of one disk since its QEMU was started. */
export interface BlockCounters {
  readonly reads: number;
  readonly writes: number;
  readonly flushes: number;
}

/** QEMU may be waiting for its storage. */
const TIMEOUT_MS = 180_000;

/**
 * The counters of all disks of a running guest, by target name. They survive a reset of the guest.
 * A disk is missing where QEMU could not be asked, for a job (backup, dump) holds the guest.
 */
export async function readBlockCounters(
  session: Session,
  { uuid, name }: GuestId,
): Promise<ReadonlyMap<string, BlockCounters>> {
  const output = await ask(session, ['domstats', '--block', uuid], {
    action: `read what '${name}' does to its disks`,
    success: /^Domain: /m,
    timeoutMs: TIMEOUT_MS,
  });
  const values = new Map<string, string>();
  for (const [, key = '', value = ''] of output.matchAll(/^\s*(block\.\d+\.\S+?)=(.*)$/gm)) values.set(key, value);
  const count = (key: string): number => Number(values.get(key) ?? 0);
  return new Map(
    [...values].flatMap(([key, target]) => {
      const disk = /^(block\.\d+)\.name$/.exec(key)?.[1];
      if (disk === undefined) return [];
      if (!values.has(`${disk}.wr.reqs`)) return [];
      const requests = (kind: 'rd' | 'wr' | 'fl'): number => count(`${disk}.${kind}.reqs`);
      return [[target, { reads: requests('rd'), writes: requests('wr'), flushes: requests('fl') }] as const];
    }),
  );
}
