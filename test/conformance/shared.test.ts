import { afterAll, describe } from '@jest/globals';
import { suites } from './suites.js';
import { sharedInOneThread } from './targets-shared.js';

// Runs every suite that shared memory offers: see all.test.ts.
for (const target of [sharedInOneThread(true), sharedInOneThread(false)]) {
  describe(target.name, () => {
    for (const suite of suites) suite(target);
    afterAll(() => target.shutDown());
  });
}
