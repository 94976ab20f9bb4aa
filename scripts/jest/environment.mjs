// @ts-check
import process from 'node:process';
import { ModernFakeTimers } from '@jest/fake-timers';
import { ModuleMocker } from 'jest-mock';

/**
 * Runs test files on the global object of the process, as the programs of users run. In a sandbox, as Jest has it, each use of a global is a
 * call of an interceptor: generated tests took twice the processor time.
 */
export default class ProcessEnvironment {
  global = globalThis;
  #console = globalThis.console;
  #exit = process.exit;

  /** @param {import('@jest/environment').JestEnvironmentConfig} config */
  constructor({ projectConfig }) {
    this.moduleMocker = new ModuleMocker(globalThis);
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
    // Tests read the output of programs, which would color it for a person or for the page of a CI.
    for (const name of ['FORCE_COLOR', 'CI', 'GITHUB_ACTIONS']) Reflect.deleteProperty(process.env, name);
    process.env['NO_COLOR'] = '1';
  }

  /** Formats stacks as Node does: Jest has just installed a formatter for compiled sources, which takes many times as long. */
  async setup() {
    Reflect.deleteProperty(Error, 'prepareStackTrace');
  }

  /** Takes back what the file or Jest has changed in the process. */
  async teardown() {
    this.moduleMocker.restoreAllMocks();
    this.fakeTimersModern.dispose();
    globalThis.console = this.#console;
    process.exit = this.#exit;
  }

  /** Jest requires this method, but calls it only to measure coverage. */
  getVmContext() {
    return null;
  }
}
