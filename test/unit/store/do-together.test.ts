import { describe, expect, it } from '@jest/globals';
import { doTogether } from '../../../src/store/do-together.ts';

/** Work that ends when the test says so. */
function heldWork() {
  const begun: { readonly key: string; readonly items: readonly string[]; readonly end: (error?: Error) => void }[] =
    [];
  const work = (key: string, items: readonly string[]): Promise<void> =>
    new Promise((resolve, reject) => {
      begun.push({ key, items, end: (error) => (error === undefined ? resolve() : reject(error)) });
    });
  return { begun, together: doTogether(work) };
}

const turns = () => new Promise((resolve) => setImmediate(resolve));

describe('work that is done together', () => {
  it('takes what comes while it is under way in one go, afterwards and in its order', async () => {
    const { begun, together } = heldWork();
    const done: string[] = [];
    for (const item of ['a', 'b', 'c', 'd']) {
      void together('one', item).then(() => done.push(item));
      if (item === 'a') await turns();
    }
    await turns();
    expect(begun.map(({ items }) => items)).toEqual([['a']]);
    begun[0]?.end();
    await turns();
    expect(done).toEqual(['a']);
    expect(begun.map(({ items }) => items)).toEqual([['a'], ['b', 'c', 'd']]);
    begun[1]?.end();
    await turns();
    expect(done).toEqual(['a', 'b', 'c', 'd']);
  });

  it('fails for those whose go it was alone', async () => {
    const { begun, together } = heldWork();
    const first = together('one', 'a');
    await turns();
    const second = together('one', 'b');
    begun[0]?.end(new Error('full'));
    await expect(first).rejects.toThrow('full');
    await turns();
    begun[1]?.end();
    await second;
  });

  it('does not wait for other keys', async () => {
    const { begun, together } = heldWork();
    const both = [together('one', 'a'), together('two', 'b')];
    await turns();
    expect(begun.map(({ key }) => key)).toEqual(['one', 'two']);
    for (const { end } of begun) end();
    await Promise.all(both);
  });
});
