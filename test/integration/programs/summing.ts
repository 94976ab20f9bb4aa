import type { SharedValue } from 'commonhold';

/** Adds 1 to each of the values; returns their sum. */
export default function (values: SharedValue<number>[]): number {
  return values.reduce((sum, value) => sum + value.sync.add(1), 0);
}
