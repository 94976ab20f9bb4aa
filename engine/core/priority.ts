import { InvalidArgumentError } from '../../proto/errors.js';

/** Returns the priority of a call among the calls that wait. @throws InvalidArgumentError if it is NaN, which has no place in an order */
export function priorityOf(object: string, { priority = 0 }: { readonly priority?: number | undefined }): number {
  if (Number.isNaN(priority)) throw new InvalidArgumentError('a priority of NaN: give a number, lowest first', { object });
  return priority;
}
