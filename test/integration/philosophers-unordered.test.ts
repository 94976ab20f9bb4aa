import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Manager } from 'commonhold';
import { fresh, range } from '../conformance/support.js';
import type philosopher from './programs/unordered-philosopher.js';
import { stress } from '../support/stress.js';

// Dining philosophers who all take their left forks first, in processes of their own.

const PHILOSOPHER = new URL('./programs/unordered-philosopher.js', import.meta.url);
const SEATS = 5;
const MEALS = stress(15, 40);

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.start();
});

afterAll(() => manager.close());

test('five philosophers without an order of their forks all eat, because the one that would close the cycle is told', async () => {
  const forks = range(0, SEATS).map(() => manager.lock(fresh('fork')));
  const table = manager.barrier(fresh('table'), SEATS);
  const users = manager.dict<string, number>(fresh('users'));
  const remoteSessions = forks.map((left, seat) =>
    manager.fork<{ default: typeof philosopher }>(PHILOSOPHER, left, forks[(seat + 1) % SEATS]!, table, users, MEALS),
  );
  const evenings = await Promise.all(remoteSessions.map(({ result }) => result));
  expect(evenings.map(({ meals }) => meals)).toEqual(Array(SEATS).fill(MEALS));
  // A deadlock is certain at the first meal.
  expect(evenings.reduce((sum, { deadlocks }) => sum + deadlocks, 0)).toBeGreaterThan(0);
  expect(await users.size()).toBe(0);
  expect(await manager.locks()).toEqual({ locks: [] });
});
