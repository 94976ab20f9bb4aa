import type { SharedValue } from 'commonhold';

/** Adds once, and ends. */
export default function (value: SharedValue<number>): void {
  value.sync.add(1);
}
