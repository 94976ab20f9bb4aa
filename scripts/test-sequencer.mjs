// @ts-check
import { createRequire } from 'node:module';

/** @typedef {import('@jest/test-result').Test} Test */

/** Its types say that an import gives what only `require` does. @type {typeof import('@jest/test-sequencer')} */
const { default: Sequencer } = createRequire(import.meta.url)('@jest/test-sequencer');

/**
 * Starts the conformance suites first, which take the longest. Jest starts large files first, and theirs are small: one
 * core would wait for the other at the end.
 */
export default class LongestFirst extends Sequencer {
  /** @override @param {Test[]} tests */
  async sort(tests) {
    const sorted = await super.sort(tests);
    const isLong = (/** @type {Test} */ { path }) => path.includes('/test/conformance/');
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
}
