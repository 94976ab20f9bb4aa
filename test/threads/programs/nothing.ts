import type { SharedValue } from 'commonhold';

/** Is there, adds once, and ends. */
export default function (value: SharedValue<number>): void {
  value.sync.add(1);
}
