/** Under this, a {@link MessageSchema} is what it is, also for another copy of this package. */
export const MESSAGE: unique symbol = Symbol.for('commonhold.schema.message');

/**
 * A type of protobuf messages as the schema of values: made by `messageSchema` of `commonhold/proto`, so
 * that this side need not load what knows protobuf.
 */
export interface MessageSchema<V = unknown> {
  readonly [MESSAGE]: MessageForm<V>;
}

/** How messages of a type travel. */
export interface MessageForm<V> {
  /** Full name of the type, as "acme.v1.Order". */
  readonly typeName: string;
  /** Throws for what is no message of the type; of an Error that has one, `path` says where. */
  readonly encode: (value: unknown) => Uint8Array;
  /** Throws for bytes that are none. */
  readonly decode: (bytes: Uint8Array) => V;
}
