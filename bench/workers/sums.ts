import type { RoundAnswer, RoundRequest } from '../rounds.js';
import { secondsOf } from './serve.js';

/** Number of elements of the arrays. */
export const ARRAY_LENGTH = 1_000_000;

/** Fills an array with its indices, and sums it repeatedly for the span of a round; the operations are elements read. */
export function sumOf(array: Float64Array): (request: RoundRequest) => RoundAnswer {
  for (let index = 0; index < array.length; index++) array[index] = index;
  const expected = (array.length * (array.length - 1)) / 2;
  return (request) => {
    const started = performance.now();
    const end = started + secondsOf(request) * 1000;
    let operations = 0;
    let now: number;
    do {
      let sum = 0;
      // By index, because an iterator would add to the measured time.
      // eslint-disable-next-line @typescript-eslint/prefer-for-of
      for (let index = 0; index < array.length; index++) sum += array[index]!;
      if (sum !== expected) throw new Error(`the sum is ${sum}, not ${expected}`);
      operations += array.length;
      now = performance.now();
    } while (now < end);
    return { operations, seconds: (now - started) / 1000 };
  };
}
