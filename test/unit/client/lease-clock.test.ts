import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { LeaseClock, TiedLeaseClock } from '../../../client/connect/transport/lease-clock.js';

// The client's view of its lease, on a clock that the tests move.

const LEASE = 1_000;
/** Rest of a lease here when the connection was whole until now: it ends before the manager's. */
const WHOLE = 900;

/** Answers of pings, which the tests give. */
let pings: (() => void)[];
let lease: LeaseClock;

beforeEach(() => {
  jest.useFakeTimers();
  pings = [];
  lease = new LeaseClock(LEASE, (answered) => pings.push(answered));
});

afterEach(() => {
  lease.guard(false);
  jest.useRealTimers();
});

test('a session that holds nothing has its lease from the moment at which the cut is found', () => {
  lease.heard(performance.now());
  jest.advanceTimersByTime(10 * LEASE);
  lease.cut();
  expect(lease.left()).toBe(WHOLE);
  jest.advanceTimersByTime(200);
  expect(lease.left()).toBe(WHOLE - 200);
  expect(pings).toEqual([]);
});

test('a session that holds something has its lease from the moment at which the connection was last known to be whole', () => {
  lease.heard(performance.now());
  lease.guard(true);
  jest.advanceTimersByTime(200);
  expect(lease.left()).toBe(WHOLE - 200);
  lease.heard(performance.now());
  expect(lease.left()).toBe(WHOLE);
  jest.advanceTimersByTime(2 * LEASE);
  expect(lease.left()).toBeLessThan(0);
});

test('an earlier sign of life does not shorten it', () => {
  const early = performance.now();
  jest.advanceTimersByTime(300);
  lease.heard(performance.now());
  lease.guard(true);
  lease.heard(early);
  expect(lease.left()).toBe(WHOLE);
});

test('an answered ping proves that the connection was whole when it was sent, not when the answer came', () => {
  lease.heard(performance.now());
  lease.guard(true);
  jest.advanceTimersByTime(LEASE / 4);
  expect(pings).toHaveLength(2);
  jest.advanceTimersByTime(100);
  pings[1]!();
  expect(lease.left()).toBe(WHOLE - 100);
});

test('pings are sent while something is held, at once and four times a lease', () => {
  lease.guard(true);
  expect(pings).toHaveLength(1);
  jest.advanceTimersByTime(LEASE);
  expect(pings).toHaveLength(5);
  lease.guard(false);
  jest.advanceTimersByTime(LEASE);
  expect(pings).toHaveLength(5);
});

test('a session that is tied to its event loop is proven by answered pings alone, and has them before it holds something', () => {
  lease = new TiedLeaseClock(LEASE, (answered) => pings.push(answered));
  lease.resumed(performance.now());
  jest.advanceTimersByTime(300);
  lease.prove();
  jest.advanceTimersByTime(100);
  pings[0]!();
  lease.heard(performance.now());
  lease.guard(true);
  expect(lease.unprovenMs()).toBe(100);
});
