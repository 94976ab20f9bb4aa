// @ts-check
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** @typedef {(...given: unknown[]) => Promise<import('@jest/test-result').TestResult>} Runner */

/** The runner that Jest itself depends on. */
const PATH = ['jest', '@jest/core', 'jest-config', 'jest-circus/runner'].reduce(
  (from, name) => createRequire(from).resolve(name),
  import.meta.url,
);
/** @type {{ default: Runner }} */
const { default: circus } = require(PATH);
/** @type {{ AsyncLocalStorage: unknown }} */
const asyncHooks = require('node:async_hooks');

/**
 * The running test, for tests that run one after another: as AsyncLocalStorage, without the hooks that it sets on every promise.
 * @template T
 */
class Current {
  /** @type {T | undefined} */
  #store;

  getStore() {
    return this.#store;
  }

  /** @param {T} store @param {() => Promise<unknown>} task */
  async run(store, task) {
    const outer = this.#store;
    this.#store = store;
    try {
      return await task();
    } finally {
      this.#store = outer;
    }
  }
}

/**
 * Runs a test file by jest-circus, which runs each test in an AsyncLocalStorage to tell concurrent tests apart. Up to Node 22 that slows every
 * promise of the process, and no tests here are concurrent. Without it a file of the conformance suite takes a sixth less processor time.
 * Later versions do not let it be replaced, and need not.
 * @type {Runner}
 */
export default function run(...given) {
  if (!Object.getOwnPropertyDescriptor(asyncHooks, 'AsyncLocalStorage')?.writable) return circus(...given);
  const { AsyncLocalStorage } = asyncHooks;
  asyncHooks.AsyncLocalStorage = Current;
  try {
    // Makes its storage before it first awaits.
    return circus(...given);
  } finally {
    asyncHooks.AsyncLocalStorage = AsyncLocalStorage;
  }
}
