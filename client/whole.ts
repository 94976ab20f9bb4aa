import { InvalidArgumentError } from '../proto/errors.js';

/** An index as it travels; what is beyond 32 bits is beyond every list and array. */
export function whole(index: number): number {
  if (Number.isInteger(index)) return Math.min(Math.max(index, -(2 ** 31)), 2 ** 31 - 1);
  if (index === Infinity) return 2 ** 31 - 1;
  if (index === -Infinity) return -(2 ** 31);
  throw new InvalidArgumentError(`the index is ${String(index)}: give a whole number`);
}
