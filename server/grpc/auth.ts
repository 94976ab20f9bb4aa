import { createHash, timingSafeEqual } from 'node:crypto';
import { Status } from '../../proto/status.js';

/** A refused call, as grpc-js takes it. */
export interface Refusal {
  code: number;
  details: string;
}

/** Says why a call with this `authorization` header is refused, or nothing where it is let in. */
export type Guard = (authorization: string | undefined) => Refusal | undefined;

/** Lets in who carries the token; without a token, everyone. Compares in constant time. */
export function tokenGuard(token: string | undefined): Guard {
  if (token === undefined) return () => undefined;
  const wanted = digest(`Bearer ${token}`);
  return (authorization) => {
    if (authorization !== undefined && timingSafeEqual(digest(authorization), wanted)) return undefined;
    return { code: Status.UNAUTHENTICATED, details: 'a valid token is needed: send the header "authorization: Bearer TOKEN"' };
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
