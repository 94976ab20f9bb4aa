import { UnimplementedError } from '../../../proto/errors.js';

/** The error of whoever asks of an object in shared memory what only those of a manager have. */
export function unoffered(what: string, object?: string): UnimplementedError {
  return new UnimplementedError(`shared memory does not offer ${what}: use an object whose home is a manager`, { object });
}
