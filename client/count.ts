import { InvalidArgumentError } from '../proto/errors.js';

/**
 * A number of things as it travels: in 32 bits.
 * @throws InvalidArgumentError for what is no whole number, below `least`, or above 2^32 - 1
 */
export function count(name: string, value: number, least: number): number {
  if (Number.isInteger(value) && value >= least && value < 2 ** 32) return value;
  throw new InvalidArgumentError(`${name} is ${String(value)}: give a whole number, ${least} or more`);
}
