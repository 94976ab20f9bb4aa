import { setTimeout } from 'node:timers/promises';

/** Python's favourite task. Negative numbers are refused, the others squared after a while. */
export default async function square(x: number, delay = 0): Promise<number> {
  if (x < 0) throw new RangeError(`${x} is negative`);
  if (delay > 0) await setTimeout(delay);
  return x * x;
}
