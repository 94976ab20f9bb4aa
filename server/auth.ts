import { createHash, timingSafeEqual } from 'node:crypto';
import { UnauthenticatedError } from '../proto/errors.js';

/** Says why a call with this `authorization` header is refused; undefined if it is let in. */
export type Guard = (authorization: string | undefined) => UnauthenticatedError | undefined;

/** Lets in calls that carry the token; without a token, all calls. Compares in constant time. */
export function tokenGuard(token: string | undefined): Guard {
  if (token === undefined) return () => undefined;
  const wanted = digest(`Bearer ${token}`);
  return (authorization) => {
    if (authorization !== undefined && timingSafeEqual(digest(authorization), wanted)) return undefined;
    return new UnauthenticatedError('a valid token is needed: send the header "authorization: Bearer TOKEN"');
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
