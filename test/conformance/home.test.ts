import { afterAll, describe } from '@jest/globals';
import { memoryAtHome } from './home-target.js';
import { suites } from './suites.js';

const target = await memoryAtHome();

// Every suite on objects that the manager forwards all calls of.
describe(target.name, () => {
  for (const suite of suites) suite(target);
  afterAll(() => target.shutDown());
});
