// @ts-check
import { writeSync } from 'node:fs';

/** Ends a test run with one line with its outcome: `N passed, N failed`. */
export default class SummaryReporter {
  /** @param {unknown} _contexts @param {import('@jest/reporters').AggregatedResult} results */
  onRunComplete(_contexts, results) {
    // A file that could not be run counts as a failure.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    // Jest holds back the output of other reporters; an exit handler writes after it.
    process.on('exit', () => writeSync(1, `\n${results.numPassedTests} passed, ${failed} failed\n`));
  }
}
