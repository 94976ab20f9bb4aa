import type { SharedValue } from '../../../client/index.js';

/** Is there, adds once, and ends. */
export default function (value: SharedValue<number>): void {
  value.sync.add(1);
}
