import type { Payload } from '../../proto/wire/values.js';
import type { Frozen } from './frozen.js';

/** A value that was read, with its payload. */
export interface Found<V> {
  readonly payload: Payload;
  readonly value: V;
}

/**
 * Keeps a payload of a response for use after the response was read. Decodes it immediately, so that proxies keep the objects that it
 * refers to.
 */
export function found<V>(payload: Payload | undefined, decode: (payload: Payload) => V): Found<V> | undefined {
  if (payload === undefined) return undefined;
  return { value: decode(payload), payload: typeof payload === 'string' ? payload : Uint8Array.from(payload) };
}

/** One place in a shared object; `undefined` stands for an absent value. */
export interface UpdateTarget<V> {
  read(): Promise<Found<Frozen<V>> | undefined>;
  /** Replaces the value if it equals `expected`; returns true if it did. */
  swap(expected: Payload | undefined, next: V | Frozen<V> | undefined): Promise<boolean>;
}

/** Changes a place with a function of its value, which runs again if the place was changed meanwhile. */
export async function updatePlace<V>(
  place: UpdateTarget<V>,
  change: (value: Frozen<V> | undefined) => V | Frozen<V> | undefined,
): Promise<Frozen<V> | undefined> {
  for (;;) {
    const present = await place.read();
    const next = change(present?.value);
    // Compares with the original payload, not with the decoded value, which may encode differently.
    if (await place.swap(present?.payload, next)) return next as Frozen<V> | undefined;
  }
}
