import { availableParallelism } from 'node:os';

/** Tests run as the compiler built them: what is tested is what ships, and workers load the same files. */
export default {
  rootDir: 'dist',
  testMatch: ['**/test/**/*.test.js'],
  transform: {},
  // Most tests wait for other processes more than they compute: three files for two cores. A timeout only ends what hangs.
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
  testRunner: '<rootDir>/../scripts/test-runner.mjs',
  testSequencer: '<rootDir>/../scripts/test-sequencer.mjs',
  testTimeout: 600_000,
  reporters: ['default', '<rootDir>/../scripts/summary-reporter.mjs'],
};
