// @ts-check
/**
 * `@jest/globals`, as the runtime resolves it. Modules are loaded once for all files of a process, and each file has functions of its own:
 * these bindings change with the file.
 * @typedef {typeof import('@jest/globals')} Globals
 */

/** @type {Globals['afterAll']} */
export let afterAll;
/** @type {Globals['afterEach']} */
export let afterEach;
/** @type {Globals['beforeAll']} */
export let beforeAll;
/** @type {Globals['beforeEach']} */
export let beforeEach;
/** @type {Globals['describe']} */
export let describe;
/** @type {Globals['expect']} */
export let expect;
/** @type {Globals['it']} */
export let it;
/** @type {Globals['jest']} */
export let jest;
/** @type {Globals['test']} */
export let test;

/** @param {Globals} globals */
export function use(globals) {
  ({ afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest, test } = globals);
}
