import { afterAll, describe } from '@jest/globals';
import { suites } from './suites.js';
import { memoryDirect, memoryOverGrpc } from './targets.js';

// Every suite on every target: the same cases decide what an operation means.
for (const target of [memoryDirect(), await memoryOverGrpc()]) {
  describe(target.name, () => {
    for (const suite of suites) suite(target);
    afterAll(() => target.shutDown());
  });
}
