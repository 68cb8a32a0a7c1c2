import type { GuestResult, Outcome } from '../result.ts';

const NEEDS_A_PERSON: ReadonlySet<Outcome> = new Set(['failed', 'rolled-back', 'needs-attention']);

/** Where nothing was told of a guest yet, it is taken to have been as it should be. */
const AS_IT_SHOULD_BE = 'compliant';

/**
 * How a guest stands and why, in words that stay the same from run to run as long as that does. What a run did with a
 * guest is over the next time: it is as it should be then.
 */
export function describeStanding({ outcome, restart, error, refusals }: GuestResult): string {
  const isOver = outcome === 'converted' && restart !== 'pending';
  const codes = [...new Set(refusals.map(({ code }) => code))].sort();
  const words = isOver ? [AS_IT_SHOULD_BE] : [outcome, restart, error?.code];
  return [...words, ...codes].filter((word) => word !== undefined).join(' ');
}

/**
 * Whether a quiet run has something to say of a guest that the one before has not said: this run did something with it,
 * it needs a person, or it stands otherwise than before, be that worse or better.
 * @param before how it stood then; undefined where nothing is known of that.
 */
export function isNews(result: GuestResult, before: string | undefined): boolean {
  if (NEEDS_A_PERSON.has(result.outcome) || wasTouched(result)) return true;
  return describeStanding(result) !== (before ?? AS_IT_SHOULD_BE);
}

/** Changed, or shut down and started again for nothing: a guest that is refused before has no conversion. */
function wasTouched({ outcome, conversionId, disks }: GuestResult): boolean {
  return disks.some((disk) => disk.outcome === 'converted') || (outcome === 'refused' && conversionId !== undefined);
}
