import type { RoundAnswer } from '../rounds.js';

/** Makes the n-th call. */
export type Call = (n: number) => Promise<unknown>;

/** 1,000 keys, made before the measurement; all dict workloads use them, of commonhold and of the peers. */
const KEYS = Array.from({ length: 1_000 }, (_, index) => `key:${index}`);

/** Alternates set and get: each key is set and then read. */
export function alternating(set: (key: string, value: number) => Promise<unknown>, get: (key: string) => Promise<unknown>): Call {
  return (n) => {
    const key = KEYS[(n >> 1) % KEYS.length] ?? '';
    return n % 2 === 0 ? set(key, n) : get(key);
  };
}

/**
 * Keeps a sliding window of calls for a span of time; a window of 1 awaits each call before the next. A timer ends it, because reading the
 * clock for every call would count as part of the measurement.
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

/** As {@link callFor}, for a number of calls. */
export async function callTimes(times: number, window: number, call: Call): Promise<RoundAnswer> {
  const started = performance.now();
  let begun = 0;
  const lane = async (): Promise<void> => {
    while (begun < times) await call(begun++);
  };
  await Promise.all(Array.from({ length: window }, lane));
  return { operations: times, seconds: (performance.now() - started) / 1000 };
}

/** The item of the queue rows: a string of 64 bytes. */
export const ITEM = 'an item of sixty-four bytes, which is what the queue row asks...'.slice(0, 64);

/** Largest number of unanswered puts. */
export const PUTS_IN_FLIGHT = 1_000;
