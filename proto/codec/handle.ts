import { REFERENCE, type Reference } from './reference.js';

/**
 * A shared object in the code of a registered type: a name to store and to return, without operations. Callers receive a working proxy for
 * it, and a proxy that they pass arrives as a handle.
 * @typeParam P type of the proxy that callers receive, such as `SharedDict<string, number>`
 */
export class Handle<P = unknown> implements Reference {
  readonly kind: string;
  readonly name: string;
  readonly address: string;
  declare readonly end?: number;
  /** Carries the type only; never has a value. */
  declare readonly of?: P;

  /** @internal See {@link reference}. */
  constructor({ kind, name, address, end }: Reference) {
    this.kind = kind;
    this.name = name;
    this.address = address;
    if (end !== undefined) this.end = end;
  }

  /** Returns the reference as which the codec encodes it. */
  [REFERENCE](): Reference {
    return this;
  }
}

/**
 * Names a shared object of this manager, for the code of a registered type to return to callers, who get a proxy: `return
 * reference<SharedDict<string, number>>('dict', 'scores')`. An object that a name alone does not create, such as a value or a barrier, must
 * exist when callers use it.
 */
export function reference<P = unknown>(kind: string, name: string): Handle<P> {
  return new Handle<P>({ kind, name, address: '' });
}
