import { createHash, timingSafeEqual } from 'node:crypto';
import { UnauthenticatedError } from '../proto/errors.js';

/** Returns the error for a call with this `authorization` header, or undefined if the call is allowed. */
export type Guard = (authorization: string | undefined) => UnauthenticatedError | undefined;

/** Returns a guard that allows calls with the token, or all calls if there is no token. Compares in constant time. */
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
