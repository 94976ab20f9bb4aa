/**
 * State of an engine as plain data. Two equal states are written alike: they depend on no identity and on no order without meaning. A field
 * that is undefined differs from one that is missing.
 */
export type State =
  undefined | null | boolean | number | bigint | string | Uint8Array | readonly State[] | { readonly [field: string]: State };

/** A part of an engine that writes its own state. */
export interface Stateful {
  /** Everything that the later behavior depends on, between two turns of the engine. Leaves out what follows from the rest. */
  state(): State;
}

/** The state that a part writes. */
export type StateOf<T extends Stateful> = ReturnType<T['state']>;
