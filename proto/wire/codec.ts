import type { Reader } from './reader.js';
import type { Writer } from './writer.js';

/**
 * A user's value as bytes: an encoded `commonhold.v1.Payload`. In flight it is a view of the frame
 * it came in; at rest an engine may keep it as a byte string (one character a byte), which V8 stores
 * compactly and compares fast. Writers take both, readers give views.
 */
export type Payload = Uint8Array | string;

/**
 * A dict's key. `1`, `1n` and `"1"` are three keys; NaN equals itself; -0 is 0, as in a Map.
 */
export type Key = string | number | bigint | boolean | Uint8Array;

/** Writes and reads one message type of the contract. */
export interface Codec<T> {
  readonly typeName: string;
  write(writer: Writer, message: T): void;
  /** Reads up to the position `end`. Throws {@link MalformedError}. */
  read(reader: Reader, end: number): T;
}

/** One method of the contract with all that the contract says of it. */
export interface Method<I = unknown, O = unknown> {
  /** Full name, as "commonhold.v1.DictService/Set". */
  readonly name: string;
  /** Full name of its service. */
  readonly service: string;
  readonly input: Codec<I>;
  readonly output: Codec<O>;
  readonly idempotency: 'unknown' | 'read' | 'idempotent';
  /** It may wait for what another client does. */
  readonly blocking: boolean;
  /** Its answer hands something over, which goes back unless acknowledged. */
  readonly takes: boolean;
}

/** One service of the contract. */
export interface Service {
  readonly typeName: string;
  readonly methods: Readonly<Record<string, Method>>;
}

export const EMPTY = new Uint8Array(0);

export function defineMethod<I, O>(method: Method<I, O>): Method<I, O> {
  return method;
}

/** Bytes that are no message of the contract. */
export class MalformedError extends Error {
  override name = 'MalformedError';
}

export function missingField(message: string, field: string): MalformedError {
  return new MalformedError(`${message} has no ${field}: it must be given`);
}
