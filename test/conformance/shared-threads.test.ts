import { afterAll, describe } from '@jest/globals';
import { suites } from './suites.js';
import { sharedAcrossThreads } from './targets-threads.js';

// Runs every suite that shared memory offers, with clients in threads: see shared.test.ts.
const target = sharedAcrossThreads();
describe(target.name, () => {
  for (const suite of suites) suite(target);
  afterAll(() => target.shutDown());
});
