import { REFERENCE, type Reference } from './reference.js';

/**
 * A shared object as the code of a registered type has it: a name to keep and to give away, not a way
 * to use it. Callers get a working proxy for it, and what they give as a proxy arrives as one of these.
 * @typeParam P type of the proxy that callers have, as `SharedDict<string, number>`
 */
export class Handle<P = unknown> implements Reference {
  readonly kind: string;
  readonly name: string;
  readonly address: string;
  declare readonly end?: number;
  /** Keeps the type; nothing is there. */
  declare readonly of?: P;

  /** @internal See {@link reference}. */
  constructor({ kind, name, address, end }: Reference) {
    this.kind = kind;
    this.name = name;
    this.address = address;
    if (end !== undefined) this.end = end;
  }

  /** How a payload carries it. */
  [REFERENCE](): Reference {
    return this;
  }
}

/**
 * Names a shared object of this manager, for the code of a registered type to give to callers, who get a
 * proxy: `return reference<SharedDict<string, number>>('dict', 'scores')`. What a name alone does not make,
 * as a value or a barrier, must exist when they use it.
 */
export function reference<P = unknown>(kind: string, name: string): Handle<P> {
  return new Handle<P>({ kind, name, address: '' });
}
