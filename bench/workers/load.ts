import type { RoundAnswer } from '../rounds.js';

/** Makes the n-th call. */
export type Call = (n: number) => Promise<unknown>;

/** 1,000 keys, made before anything is measured; shared by all dict workloads, ours and the peers'. */
const KEYS = Array.from({ length: 1_000 }, (_, index) => `key:${index}`);

/** Alternating set and get, each key set and then got. */
export function alternating(set: (key: string, value: number) => Promise<unknown>, get: (key: string) => Promise<unknown>): Call {
  return (n) => {
    const key = KEYS[(n >> 1) % KEYS.length] ?? '';
    return n % 2 === 0 ? set(key, n) : get(key);
  };
}

/**
 * A sliding window of calls for a span of time; a window of 1 is one awaited call after the other. A
 * timer ends it: to read the clock for every call would be a part of what is measured.
 */
export async function callFor(seconds: number, window: number, call: Call): Promise<RoundAnswer> {
  const started = performance.now();
  let running = true;
  setTimeout(() => (running = false), seconds * 1000);
  let operations = 0;
  const lane = async (): Promise<void> => {
    while (running) await call(operations++);
  };
  await Promise.all(Array.from({ length: window }, lane));
  return { operations, seconds: (performance.now() - started) / 1000 };
}

/** The same for a number of calls. */
export async function callTimes(times: number, window: number, call: Call): Promise<RoundAnswer> {
  const started = performance.now();
  let begun = 0;
  const lane = async (): Promise<void> => {
    while (begun < times) await call(begun++);
  };
  await Promise.all(Array.from({ length: window }, lane));
  return { operations: times, seconds: (performance.now() - started) / 1000 };
}

/** What a queue carries: a string of 64 bytes. */
export const ITEM = 'an item of sixty-four bytes, which is what the queue row asks...'.slice(0, 64);

/** Puts that may be unanswered at a time. */
export const PUTS_IN_FLIGHT = 1_000;
