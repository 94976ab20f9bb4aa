// @ts-check
import { createRequire } from 'node:module';

/** @typedef {import('@jest/test-result').Test} Test */

/** Uses `require`, because the types describe the CommonJS module. @type {typeof import('@jest/test-sequencer')} */
const { default: Sequencer } = createRequire(import.meta.url)('@jest/test-sequencer');

/** Parts of the paths of the tests that take the longest. */
const LONGEST = [
  '/test/threads/model/',
  '/test/conformance/',
  '/test/integration/pool',
  '/test/integration/examples',
  '/test/threads/stack',
];

/**
 * Starts the tests first that take the longest. Without times of an earlier run Jest would start large files first, and most of these are
 * small, so that one core would wait for the other at the end.
 */
export default class LongestFirst extends Sequencer {
  /** @override @param {Test[]} tests */
  async sort(tests) {
    const sorted = await super.sort(tests);
    return sorted.toSorted((one, other) => rank(one) - rank(other));
  }
}

/** @param {Test} test */
function rank({ path }) {
  const index = LONGEST.findIndex((part) => path.includes(part));
  return index < 0 ? LONGEST.length : index;
}
