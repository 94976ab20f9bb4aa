import { afterAll, describe } from '@jest/globals';
import { suites } from './suites.js';
import { sharedAcrossThreads } from './targets-threads.js';

// Every suite that shared memory offers, with clients that are threads: see shared.test.ts.
const target = sharedAcrossThreads();
describe(target.name, () => {
  for (const suite of suites) suite(target);
  afterAll(() => target.shutDown());
});
