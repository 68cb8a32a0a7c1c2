/** What waits until the work before it is done. */
interface Group<Item> {
  readonly items: Item[];
  readonly done: Promise<void>;
}

/**
 * Given work that can be done for many items at once, the same for one item: items of one key that come while others are
 * being worked on wait for those, and are then done together. What begins is never joined any more.
 */
export function doTogether<Item>(
  work: (key: string, items: readonly Item[]) => Promise<void>,
): (key: string, item: Item) => Promise<void> {
  const waiting = new Map<string, Group<Item>>();
  const underWay = new Map<string, Promise<void>>();
  const begin = (key: string): Group<Item> => {
    const items: Item[] = [];
    const done = (underWay.get(key) ?? Promise.resolve()).then(async () => {
      waiting.delete(key);
      await work(key, items);
    });
    const group = { items, done };
    waiting.set(key, group);
    const settled = done
      .catch(() => {})
      .then(() => {
        if (underWay.get(key) === settled) underWay.delete(key);
      });
    underWay.set(key, settled);
    return group;
  };
  return async (key, item) => {
    const group = waiting.get(key) ?? begin(key);
    group.items.push(item);
    await group.done;
  };
}
