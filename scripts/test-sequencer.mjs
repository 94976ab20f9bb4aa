// @ts-check
import { createRequire } from 'node:module';

/** @typedef {import('@jest/test-result').Test} Test */

/** Uses `require`, because the types describe the CommonJS module. @type {typeof import('@jest/test-sequencer')} */
const { default: Sequencer } = createRequire(import.meta.url)('@jest/test-sequencer');

/**
 * Starts the conformance suites first, because they take the longest. Jest would start large files first, and theirs are small, so that one
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
