import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { LeaseClock } from '../../../client/connect/transport/lease-clock.js';
import { ProvenTime } from '../../../client/connect/transport/proven-time.js';
import { RemoteLeaseClock } from '../../../client/connect/transport/remote-lease-clock.js';

// The client's view of its lease with a manager on another host, on a clock that the tests move.

const LEASE = 1_000;
/** Rest of a lease here when a heartbeat that was sent just now has been answered: it ends before the manager's. */
const WHOLE = 900;

let proven: ProvenTime;
let lease: LeaseClock;
/** Messages with which the lease ended. */
let ends: string[];

beforeEach(() => {
  jest.useFakeTimers();
  proven = new ProvenTime();
  ends = [];
  lease = new RemoteLeaseClock(LEASE, proven, ({ message }) => ends.push(message));
  lease.resumed(performance.now());
});

afterEach(() => {
  lease.guard(false);
  jest.useRealTimers();
});

/** A heartbeat is answered that was sent some time ago. */
function answered(agoMs = 0): void {
  proven.prove(process.hrtime.bigint() - BigInt(agoMs) * 1_000_000n);
}

test('it counts from the time at which the answered hello or heartbeat was sent', () => {
  expect(lease.left()).toBe(WHOLE);
  jest.advanceTimersByTime(300);
  expect(lease.left()).toBe(WHOLE - 300);
  answered(100);
  expect(lease.left()).toBe(WHOLE - 100);
  lease.resumed(performance.now() - 50);
  expect(lease.left()).toBe(WHOLE - 50);
});

test('neither a message nor the discovery of a cut prolongs it', () => {
  jest.advanceTimersByTime(300);
  lease.heard(performance.now());
  lease.cut();
  expect(lease.left()).toBe(WHOLE - 300);
});

test('an earlier heartbeat does not shorten it', () => {
  answered(500);
  expect(lease.left()).toBe(WHOLE);
});

test('it ends by itself while the session holds something', () => {
  lease.guard(true);
  jest.advanceTimersByTime(WHOLE - 1);
  expect(ends).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(ends).toEqual(['the manager last answered a heartbeat that was sent 900 ms ago, and the lease is 1000 ms']);
  jest.advanceTimersByTime(10 * LEASE);
  expect(ends).toHaveLength(1);
});

test('it does not end while heartbeats are answered', () => {
  lease.guard(true);
  for (let beats = 0; beats < 20; beats++) {
    jest.advanceTimersByTime(LEASE / 4);
    answered(100);
  }
  expect(ends).toEqual([]);
});

test('it does not end by itself while the session holds nothing', () => {
  lease.guard(true);
  lease.guard(false);
  jest.advanceTimersByTime(10 * LEASE);
  lease.check();
  expect(ends).toEqual([]);
});

test('a look finds that it has ended, before any timer does', () => {
  jest.advanceTimersByTime(5 * LEASE);
  lease.guard(true);
  lease.check();
  expect(ends).toHaveLength(1);
});

test('a look finds that it goes on if heartbeats were answered meanwhile', () => {
  jest.advanceTimersByTime(5 * LEASE);
  answered();
  lease.guard(true);
  lease.check();
  expect(ends).toEqual([]);
});
