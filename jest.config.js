import { availableParallelism } from 'node:os';

// Node reads these certificates at each start of a process, which takes longer than all the rest of it. No test talks to another machine.
delete process.env['NODE_EXTRA_CA_CERTS'];

/** Tests run as the compiler built them: what is tested is what ships, and workers load the same files. */
export default {
  rootDir: 'dist',
  testMatch: ['**/test/**/*.test.js'],
  transform: {},
  // Many tests wait for other processes more than they compute. A timeout only ends what hangs.
  maxWorkers: availableParallelism() + 2,
  testEnvironment: '<rootDir>/../scripts/jest/environment.mjs',
  runtime: '<rootDir>/../scripts/jest/runtime.cjs',
  testRunner: '<rootDir>/../scripts/jest/runner.mjs',
  testSequencer: '<rootDir>/../scripts/jest/sequencer.mjs',
  testTimeout: 600_000,
  reporters: ['default', '<rootDir>/../scripts/jest/summary-reporter.mjs'],
};
