import { isVirtioizeError } from '../../error.ts';
import { readTold, writeTold } from '../../store/told.ts';
import { listGuests } from '../../virsh/guests.ts';
import type { GuestResult } from '../result.ts';
import type { ChangeContext } from '../run-context.ts';
import { describeStanding, isNews } from './news.ts';

type Place = Pick<ChangeContext, 'session' | 'places'>;

/**
 * Find the guests of which a quiet run has nothing new to say, and note how all stand for the next one. Where that can't
 * be noted, the next one says more than it need.
 * @returns their UUIDs.
 */
export async function noteTold(place: Place, results: readonly GuestResult[]): Promise<ReadonlySet<string>> {
  const told = await readTold(place.places.told);
  await note(place, told, results).catch((error: unknown) => {
    if (!isVirtioizeError(error)) throw error;
  });
  return new Set(results.filter((result) => !isNews(result, told.get(result.uuid))).map(({ uuid }) => uuid));
}

/** Guests that this run was not about stay as noted, as long as they are there. */
async function note(
  { session, places }: Place,
  told: ReadonlyMap<string, string>,
  results: readonly GuestResult[],
): Promise<void> {
  const seen = results.filter(wasLookedAt);
  const now = new Map([...told, ...seen.map((result) => [result.uuid, describeStanding(result)] as const)]);
  const there = new Set((await listGuests(session)).map(({ uuid }) => uuid));
  await writeTold(places.told, new Map([...now].filter(([uuid]) => there.has(uuid))));
}

/** Nothing is known of one that a run which was stopped did not come to. */
function wasLookedAt({ outcome, warnings }: GuestResult): boolean {
  return outcome !== 'skipped' || warnings.some(({ code }) => code === 'waived');
}
