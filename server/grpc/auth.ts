import { createHash, timingSafeEqual } from 'node:crypto';
import { status, type Metadata } from '@grpc/grpc-js';

/** A refused call, as grpc-js takes it. */
export interface Refusal {
  code: status;
  details: string;
}

/** Says why a call is refused, or nothing where it is let in. */
export type Guard = (metadata: Metadata) => Refusal | undefined;

/** Lets in who carries the token; without a token, everyone. Compares in constant time. */
export function tokenGuard(token: string | undefined): Guard {
  if (token === undefined) return () => undefined;
  const wanted = digest(`Bearer ${token}`);
  return (metadata) => {
    const given = metadata.get('authorization')[0];
    if (given !== undefined && timingSafeEqual(digest(String(given)), wanted)) return undefined;
    return { code: status.UNAUTHENTICATED, details: 'a valid token is needed: send the header "authorization: Bearer TOKEN"' };
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
