import { join } from 'node:path';
import type { HostPlaces } from '../../store/state-dir.ts';
import { SCREENSHOT } from '../capture/capture.ts';
import { toPng } from '../capture/png.ts';
import { readEnd } from '../capture/read-end.ts';
import type { GuestResult } from '../result.ts';

/** A console's screen as PNG takes a hundredth of it. */
const MAX_BYTES = 1024 * 1024;
/** A page with more of them would open nowhere. */
const MAX_SCREENS = 50;

/**
 * The screens of clones that did not come up, by the UUID of the guest, as PNG: of guests whose last evidence names one.
 * What can't be read is left out.
 */
export async function readScreens(
  { rehearsals }: HostPlaces,
  guests: readonly Pick<GuestResult, 'uuid' | 'evidence'>[],
): Promise<ReadonlyMap<string, Buffer>> {
  const those = guests.filter(({ evidence }) =>
    evidence.some(({ source, facts }) => source === 'rehearsal' && facts.screen !== undefined),
  );
  const screens = await Promise.all(
    those.slice(0, MAX_SCREENS).map(async ({ uuid }) => {
      const end = await readEnd(join(rehearsals, uuid, SCREENSHOT), MAX_BYTES).catch(() => undefined);
      const png = end === undefined || end.size > MAX_BYTES ? undefined : toPng(end.content);
      return png === undefined ? [] : [[uuid, png] as const];
    }),
  );
  return new Map(screens.flat());
}
