// @ts-check
import { writeSync } from 'node:fs';

/** Ends a run of the tests with one line that says how it went: `N passed, N failed`. */
export default class SummaryReporter {
  /** @param {unknown} _contexts @param {import('@jest/reporters').AggregatedResult} results */
  onRunComplete(_contexts, results) {
    // A file that could not be run counts as a failure: none of its tests did.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    // Jest holds back what the other reporters write; this comes after all of it.
    process.on('exit', () => writeSync(1, `\n${results.numPassedTests} passed, ${failed} failed\n`));
  }
}
