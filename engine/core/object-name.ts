import { InvalidArgumentError } from '../../proto/errors.js';

/** Largest number of characters of an object's name, in both engines. */
export const LONGEST_NAME = 1024;

/** Checks the name of an object that is about to be made. @throws InvalidArgumentError */
export function assertName(name: string): void {
  if (name !== '' && name.length <= LONGEST_NAME) return;
  throw new InvalidArgumentError(`a name of ${name.length} characters: give one of 1 to ${LONGEST_NAME}`);
}
