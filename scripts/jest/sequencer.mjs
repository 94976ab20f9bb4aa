// @ts-check
import { createRequire } from 'node:module';

/** @typedef {import('@jest/test-result').Test} Test */

/** Uses `require`, because the types describe the CommonJS module. @type {typeof import('@jest/test-sequencer')} */
const { default: Sequencer } = createRequire(import.meta.url)('@jest/test-sequencer');

/**
 * Parts of the paths of the tests that start first. Tests that replace the clock come before all that start clients: the files of a process
 * share its global object, and the collection of a proxy of an earlier file would meet their clock. Then the tests that take the longest.
 */
const FIRST = [
  '/test/simulation/',
  '/test/unit/',
  '/test/threads/model/',
  '/test/conformance/',
  '/test/crash/',
  '/test/fuzz/',
  '/test/integration/snippets',
  '/test/integration/pool',
  '/test/integration/examples',
  '/test/threads/stack',
];

/** Without times of an earlier run Jest would start large files first, and the longest here are small: one core would wait for the other. */
export default class Sequence extends Sequencer {
  /** @override @param {Test[]} tests */
  async sort(tests) {
    const sorted = await super.sort(tests);
    return sorted.toSorted((one, other) => rank(one) - rank(other));
  }
}

/** @param {Test} test */
function rank({ path }) {
  const index = FIRST.findIndex((part) => path.includes(part));
  return index < 0 ? FIRST.length : index;
}
