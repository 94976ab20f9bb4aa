import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Manager } from 'commonhold';
import { fresh, range } from '../conformance/support.js';
import type { Table } from './programs/philosopher.js';
import { stress } from '../support/stress.js';

// Dining philosophers, each a process: if all take forks in the order of their numbers, no deadlock occurs or is reported.

const PHILOSOPHER = new URL('./programs/philosopher.js', import.meta.url);

const PHILOSOPHERS = 5;
const MEALS = stress(15, 40);

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.start();
});

afterAll(() => manager.close());

test('five philosophers with ordered forks all eat, never two neighbours at once, and without DeadlockError', async () => {
  const table: Table = {
    forks: range(0, PHILOSOPHERS).map((number) => manager.lock(fresh(`fork-${number}`))),
    eating: manager.array(fresh('eating'), 'u8', PHILOSOPHERS),
    seated: manager.barrier(fresh('seated'), PHILOSOPHERS),
  };
  const dinners = range(0, PHILOSOPHERS).map((place) =>
    manager.fork<typeof import('./programs/philosopher.js')>(PHILOSOPHER, place, MEALS, table),
  );
  // Any error, DeadlockError included, would reject here.
  const eaten = await Promise.all(dinners.map(({ result }) => result));
  expect(eaten).toEqual(eaten.map(() => ({ meals: MEALS, quarrels: 0 })));
  expect(await table.eating.read()).toEqual(new Uint8Array(PHILOSOPHERS));
  expect(await Promise.all(table.forks.map((fork) => fork.locked()))).not.toContain(true);
});
