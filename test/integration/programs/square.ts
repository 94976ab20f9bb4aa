import { setTimeout } from 'node:timers/promises';

/** Python's favourite task. Refuses negative numbers, and squares others after the delay in milliseconds. */
export default async function square(x: number, delay = 0): Promise<number> {
  if (x < 0) throw new RangeError(`${x} is negative`);
  if (delay > 0) await setTimeout(delay);
  return x * x;
}
