import { afterAll, describe } from '@jest/globals';
import { memoryAtHome } from './home-target.js';
import { suites } from './suites.js';

const target = await memoryAtHome();

// Runs every suite on objects whose calls the manager forwards.
describe(target.name, () => {
  for (const suite of suites) suite(target);
  afterAll(() => target.shutDown());
});
