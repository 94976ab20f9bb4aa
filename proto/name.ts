import { randomUUID } from 'node:crypto';

/** First character of the names of anonymous objects, which live as long as they are referred to. */
const SIGN = '~';
const SIGN_CODE = SIGN.charCodeAt(0);

/** Returns a unique name for an anonymous object. */
export function generatedName(): string {
  return SIGN + randomUUID();
}

/** Returns true if the name is that of an anonymous object. */
export function isAnonymous(name: string): boolean {
  return name.charCodeAt(0) === SIGN_CODE;
}
