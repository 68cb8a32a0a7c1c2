import pLimit from 'p-limit';

/** How many guests are only read at the same time: while libvirt answers for some, what it said of others is looked at. */
export const READ_JOBS = 8;

/**
 * Do something for each item, so many at a time, in their order; where one fails the others still finish.
 * @throws the first failure, once all are through.
 */
export async function settleAll<Item, Result>(
  items: readonly Item[],
  jobs: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const atATime = pLimit(jobs);
  const ends = await Promise.allSettled(items.map((item) => atATime(() => work(item))));
  return ends.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
}
