/**
 * A user's value as bytes: an encoded `commonhold.v1.Payload`. In flight it is a view of its frame; an engine may store it as a byte string
 * (one character per byte), which V8 stores compactly and compares fast. Writers take both, readers return views.
 */
export type Payload = Uint8Array | string;

/** A dict's key. `1`, `1n` and `"1"` are three keys; NaN equals itself; -0 is 0, as in a Map. */
export type Key = string | number | bigint | boolean | Uint8Array;

/** The error for bytes that are not a message of the contract. */
export class MalformedError extends Error {
  override name = 'MalformedError';
}
