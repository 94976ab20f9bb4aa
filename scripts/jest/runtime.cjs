// @ts-check
// CommonJS, because Jest requires its runtime.
const { createRequire, register } = require('node:module');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

/** @typedef {import('@jest/environment').JestEnvironment} Environment */
/** @typedef {typeof import('@jest/globals')} Globals */

const GLOBALS = pathToFileURL(join(__dirname, 'globals.mjs')).href;
const HOOK = `export const resolve = (specifier, context, next) =>
  specifier === '@jest/globals' ? { url: '${GLOBALS}', shortCircuit: true } : next(specifier, context);`;

register(`data:text/javascript,${encodeURIComponent(HOOK)}`);

const load = createRequire(__filename);

/**
 * Loads the test files by Node's own loader: each module is compiled and run once for all files that the process runs. The modules of this
 * project have no state by which one file could disturb another.
 */
module.exports = class ProcessRuntime {
  /** @type {Globals['jest']} */
  #jest;
  /** @type {Omit<Globals, 'jest'> | undefined} */
  #globals;

  /** @param {unknown} _config @param {Environment} environment */
  constructor(_config, environment) {
    this.#jest = jestOf(environment);
  }

  /** @param {Omit<Globals, 'jest'>} globals */
  setGlobalsForRuntime(globals) {
    this.#globals = globals;
  }

  /** @param {string} path */
  async unstable_importModule(path) {
    const { use } = await import('./globals.mjs');
    use(/** @type {Globals} */ ({ ...this.#globals, jest: this.#jest }));
    await import(pathToFileURL(path).href);
  }

  unstable_shouldLoadAsEsm() {
    return true;
  }

  /** Loads jest-circus anew for each file, because it keeps the tests of one file. @param {string} path */
  requireInternalModule(path) {
    delete load.cache[path];
    Reflect.deleteProperty(globalThis, Symbol.for('EVENT_HANDLERS'));
    return load(path);
  }

  // Required by Jest, and of no use without a sandbox and a compiler.
  requireModule = load;
  enterTestCode() {}
  leaveTestCode() {}
  teardown() {}
  getAllCoverageInfoCopy() {}
  getSourceMaps() {
    return new Map();
  }
};

/** Returns the part of the `jest` object that our tests use. @param {Environment} environment @returns {Globals['jest']} */
function jestOf({ moduleMocker, fakeTimersModern }) {
  return Object.fromEntries([
    ...bound(moduleMocker, ['fn', 'restoreAllMocks', 'spyOn']),
    ...bound(fakeTimersModern, ['advanceTimersByTime', 'getTimerCount', 'useFakeTimers', 'useRealTimers']),
  ]);
}

/** @param {any} object @param {string[]} names */
function bound(object, names) {
  return names.map((name) => [name, object[name].bind(object)]);
}
