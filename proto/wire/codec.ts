import type { Reader } from './reader.js';
import { MalformedError, type Payload } from './values.js';
import type { Writer } from './writer.js';

/** Writes and reads one message type of the contract. */
export interface Codec<T> {
  readonly typeName: string;
  write(writer: Writer, message: T): void;
  /** Reads up to the position `end`. @throws MalformedError */
  read(reader: Reader, end: number): T;
  /** Visits all users' values in a message; absent if messages of this type have none. */
  payloads?(message: T, visit: (payload: Payload) => void): void;
}

/** One method of the contract, with the options that the contract gives it. */
export interface Method<I = unknown, O = unknown> {
  /** Full name, as "commonhold.v1.DictService/Set". */
  readonly name: string;
  /** Full name of its service. */
  readonly service: string;
  readonly input: Codec<I>;
  readonly output: Codec<O>;
  readonly idempotency: 'unknown' | 'read' | 'idempotent';
  /** True if the method may wait for another client. */
  readonly blocking: boolean;
  /** True if its response hands something over, which goes back unless acknowledged. */
  readonly takes: boolean;
  /** True if an acknowledged item stays taken after the session. The client's promise then waits until the acknowledgement has left. */
  readonly consumes: boolean;
  /** True if it may store more than it removes: refused while the memory of the manager is full. */
  readonly stores: boolean;
  /** True if its response gives the caller a hold of a lock, of permits, or of a delivery. */
  readonly holds: boolean;
  /** True if its request can have a fence. */
  readonly fenced: boolean;
  /** Code of the error of a call whose `timeout_ms` has ended. */
  readonly timedOut: number;
  /** The rights that it needs on the objects in its request: bits of `Verb`. */
  readonly verbs: number;
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

export function missingField(message: string, field: string): MalformedError {
  return new MalformedError(`${message} has no ${field}: it must be given`);
}
