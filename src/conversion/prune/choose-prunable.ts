import type { Retention } from '../../policy/policy.ts';
import type { ChangeRecord } from '../../store/record.ts';
import { failedConversion, givenNames, keptNames, lastChain, takenBack } from '../past-conversions.ts';

export interface PruneQuestion {
  /** All of one guest, oldest first. */
  readonly records: readonly ChangeRecord[];
  /** The changes that some run may still go on with: unfinished ones, and those whose guest is wanted running. */
  readonly open: ReadonlySet<string>;
  readonly retention: Retention;
  /** In ms since the epoch. */
  readonly now: number;
}

/**
 * The records of a guest that may go, in the order in which they may: whoever stops after any of them leaves records
 * that answer everything that is asked of them as all of them did. The newest never goes, and what a change continues
 * stays as long as that change.
 */
export function choosePrunable(question: PruneQuestion): ChangeRecord[] {
  const { records } = question;
  const mayGo = findExpired(question);
  const going: ChangeRecord[] = [];
  let left = records;
  for (const record of records.filter((one) => mayGo.has(one))) {
    if (going.includes(record)) continue;
    const chain = withContinuations(record, left);
    const rest = chain.every((one) => mayGo.has(one)) ? removeInTurn(chain, left) : undefined;
    if (rest !== undefined) going.push(...chain);
    left = rest ?? left;
  }
  return going;
}

/** Those that are old enough, have enough newer ones, and are needed by no change that is still open. */
function findExpired({ records, open, retention, now }: PruneQuestion): Set<ChangeRecord> {
  const isOpen = ({ id, state }: ChangeRecord): boolean => open.has(id) || state === 'started';
  const needed = new Set(
    records.filter(isOpen).flatMap(({ id, continues, undoes = [] }) => [id, continues, ...undoes]),
  );
  const latest = now - retention.days * DAY_MS;
  const newest = Math.max(retention.keep, 1);
  return new Set(
    records
      .slice(0, Math.max(records.length - newest, 0))
      .filter(({ id, startedAt, finishedAt }) => !needed.has(id) && Date.parse(finishedAt ?? startedAt) < latest),
  );
}

const DAY_MS = 86_400_000;

/** A record, and those that continue it, oldest first. */
function withContinuations(record: ChangeRecord, records: readonly ChangeRecord[]): ChangeRecord[] {
  const ids = new Set([record.id]);
  return records.filter((one) => {
    const belongs = one === record || (one.continues !== undefined && ids.has(one.continues));
    if (belongs) ids.add(one.id);
    return belongs;
  });
}

/** What is left without these, or undefined where one of them is still needed once those before it are gone. */
function removeInTurn(
  going: readonly ChangeRecord[],
  records: readonly ChangeRecord[],
): readonly ChangeRecord[] | undefined {
  let left = records;
  for (const one of going) {
    const rest = left.filter((record) => record !== one);
    if (!answersAlike(left, rest)) return undefined;
    left = rest;
  }
  return left;
}

/** Whether all that is asked of records has the same answer without some of them. */
function answersAlike(all: readonly ChangeRecord[], rest: readonly ChangeRecord[]): boolean {
  const ids = new Set(rest.map(({ id }) => id));
  return JSON.stringify(answersOf(all, ids)) === JSON.stringify(answersOf(rest, ids));
}

function answersOf(records: readonly ChangeRecord[], asked: ReadonlySet<string>): unknown {
  const chain = lastChain(records)?.records ?? [];
  return {
    takenBack: [...takenBack(records)].filter((id) => asked.has(id)).sort(),
    // Its last is the conversion that stands.
    chain: chain.map(({ id }) => id),
    kept: [...keptNames(records)].sort(),
    // Once that chain is rolled back, the names are to be known that the disks had before it.
    keptBefore: [...keptNames(records.filter((record) => !chain.includes(record)))].sort(),
    given: [...givenNames(records)].sort(),
    // What was seen not to come up is not tried again.
    failed: failedConversion(records)?.id,
  };
}
