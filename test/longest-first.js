import Sequencer from '@jest/test-sequencer';

/**
 * Begin with what takes longest, so that it does not run on by itself when all else is done: guests that boot, one file with
 * dozens of them first, then the built program, then the pure core. Within each, jest's own order.
 */
export default class LongestFirst extends Sequencer {
  async sort(tests) {
    const inOrder = await super.sort(tests);
    const rank = ({ path }) => FIRST.findIndex((pattern) => pattern.test(path));
    return [...inOrder].sort((one, other) => rank(one) - rank(other));
  }
}

const FIRST = [/\/labelled-linux\./, /\/labelled-/, /\/test\/e2e\//, /\/test\/integration\//, /./];
