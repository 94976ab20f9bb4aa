/** Property that marks a {@link MessageSchema}; the same in every copy of this package. */
export const MESSAGE: unique symbol = Symbol.for('commonhold.schema.message');

/**
 * A type of protobuf messages as the schema of values. `messageSchema` of `commonhold/proto` makes it, so that the client need not load
 * protobuf-es.
 */
export interface MessageSchema<V = unknown> {
  readonly [MESSAGE]: MessageForm<V>;
}

/** Encodes and decodes the messages of a type. */
export interface MessageForm<V> {
  /** Full name of the type, such as "acme.v1.Order". */
  readonly typeName: string;
  /** Throws for a value that is not a message of the type. If the error has a `path`, it locates the problem. */
  readonly encode: (value: unknown) => Uint8Array;
  /** Throws for bytes that are not a message of the type. */
  readonly decode: (bytes: Uint8Array) => V;
}
