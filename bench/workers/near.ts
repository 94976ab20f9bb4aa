import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import type { RoundAnswer } from '../rounds.js';

/** The keys of the row `cached`, for commonhold and the peers. */
export const NEAR_KEYS = Array.from({ length: 10_000 }, (_, index) => `key:${index}`);

/** Reads between two turns of the event loop, in which changes are received. */
const READS_A_TURN = 1_000;
const CHANGES_A_SECOND = 100;

/** Makes awaited reads for a span of time. */
export async function readFor(seconds: number, read: (key: string) => Promise<unknown>): Promise<RoundAnswer> {
  const started = performance.now();
  let running = true;
  setTimeout(() => (running = false), seconds * 1000);
  let operations = 0;
  while (running) {
    for (let i = 0; i < READS_A_TURN; i++) await read(NEAR_KEYS[operations++ % NEAR_KEYS.length] ?? '');
    await turn();
  }
  return { operations, seconds: (performance.now() - started) / 1000 };
}

/** Changes keys at a fixed rate, spread over all keys. */
export async function changeFor(seconds: number, set: (key: string, value: number) => Promise<unknown>): Promise<RoundAnswer> {
  const started = performance.now();
  let operations = 0;
  for (let due = started; due < started + seconds * 1000; due += 1000 / CHANGES_A_SECOND) {
    await pause(Math.max(0, due - performance.now()));
    await set(NEAR_KEYS[(operations++ * 7_919) % NEAR_KEYS.length] ?? '', operations);
  }
  return { operations, seconds: (performance.now() - started) / 1000 };
}
