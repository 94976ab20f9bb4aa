import { NotFoundError } from '../../proto/errors.js';
import { isAnonymous } from '../../proto/name.js';

/**
 * Creates the error of a call on an object that does not exist. An anonymous object must have existed, so its message says that it ended.
 */
export function missing(name: string): NotFoundError {
  const message = isAnonymous(name)
    ? `"${name}" has ended: an object without a name lasts while a proxy or another object refers to it`
    : `there is no object "${name}"`;
  return new NotFoundError(message, { object: name });
}
