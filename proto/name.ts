import { randomUUID } from 'node:crypto';

/** What the names of objects begin with that their users gave no name: those live by references alone. */
const SIGN = '~';
const SIGN_CODE = SIGN.charCodeAt(0);

/** A name for an object that is given none, which no other has. */
export function generatedName(): string {
  return SIGN + randomUUID();
}

/** Whether an object of that name was given none. */
export function isAnonymous(name: string): boolean {
  return name.charCodeAt(0) === SIGN_CODE;
}
