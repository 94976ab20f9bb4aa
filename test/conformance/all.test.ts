import { afterAll, describe } from '@jest/globals';
import { suites } from './suites.js';
import { memoryDirect, memoryOverGrpc } from './targets.js';

// Runs every suite on the memory engine, in this process and in a daemon: the same cases define an operation on both.
for (const target of [memoryDirect(), await memoryOverGrpc()]) {
  describe(target.name, () => {
    for (const suite of suites) suite(target);
    afterAll(() => target.shutDown());
  });
}
