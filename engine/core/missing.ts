import { NotFoundError } from '../../proto/errors.js';
import { isAnonymous } from '../../proto/name.js';

/** The error of a call on an object that is not there. Of one without a name the caller refers to one that was. */
export function missing(name: string): NotFoundError {
  const message = isAnonymous(name)
    ? `"${name}" has ended: an object without a name lasts while a proxy or another object refers to it`
    : `there is no object "${name}"`;
  return new NotFoundError(message, { object: name });
}
