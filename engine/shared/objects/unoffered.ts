import { UnimplementedError } from '../../../proto/errors.js';

/** Creates the error of a call for something that only the objects of a manager support. */
export function unoffered(what: string, object?: string): UnimplementedError {
  return new UnimplementedError(`shared memory does not offer ${what}: use an object whose home is a manager`, { object });
}
