import type { RoundAnswer } from '../rounds.js';

/** Calls between two looks at the clock, because a look takes as long as a call. */
const CALLS_A_LOOK = 1_000;

/** Makes calls without promises for a span of time; `call` makes the n-th. */
export function repeatFor(seconds: number, call: (n: number) => unknown): RoundAnswer {
  const started = performance.now();
  const end = started + seconds * 1000;
  let operations = 0;
  let now: number;
  do {
    for (let calls = 0; calls < CALLS_A_LOOK; calls++) call(operations++);
    now = performance.now();
  } while (now < end);
  return { operations, seconds: (now - started) / 1000 };
}
