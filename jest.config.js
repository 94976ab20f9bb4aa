/** Tests run as the compiler built them: what is tested is what ships, and workers load the same files. */
export default {
  rootDir: 'dist',
  testMatch: ['**/test/**/*.test.js'],
  transform: {},
  testTimeout: 60_000,
  reporters: ['default', '<rootDir>/../scripts/summary-reporter.mjs'],
};
