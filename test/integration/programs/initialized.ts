import { setTimeout } from 'node:timers/promises';
import type { SharedValue } from 'commonhold';

let base = 0;

/** Runs first in each worker. */
export async function initialize(given: number, times: SharedValue<number>): Promise<void> {
  if (given < 0) throw new RangeError('the base is negative');
  await setTimeout(20);
  await times.add(1);
  base = given;
}

export default function add(x: number): number {
  return base + x;
}
