import { expect, test } from '@jest/globals';
import { explore } from './explore.js';
import { FAULTS } from './faults.js';
import { SCENARIOS } from './scenarios/index.js';
import { Code } from './world.js';

/** Schedules in which each fault is found. */
const SCHEDULES = 300;

test.each(FAULTS.map((fault) => [fault.name, fault] as const))('finds where %s', async (_name, { scenario: name, change }) => {
  const code = await Code.load('twin', [change]);
  const scenario = SCENARIOS.find((one) => one.name === name)!;
  expect(explore(code, scenario, SCHEDULES, 1).failure).toBeDefined();
});
