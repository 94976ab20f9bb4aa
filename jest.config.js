/** Tests run as the compiler built them: what is tested is what ships, and workers load the same files. */
export default {
  rootDir: 'dist',
  testMatch: ['**/test/**/*.test.js'],
  transform: {},
  // Most tests wait for other processes more than they compute: one file for each core. A timeout only ends what hangs.
  maxWorkers: '100%',
  testSequencer: '<rootDir>/../scripts/test-sequencer.mjs',
  testTimeout: 180_000,
  reporters: ['default', '<rootDir>/../scripts/summary-reporter.mjs'],
};
