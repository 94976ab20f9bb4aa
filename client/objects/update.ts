import type { Payload } from '../../proto/wire/values.js';
import type { Frozen } from './frozen.js';

/** What was read: the payload as it came, and its value. */
export interface Found<V> {
  readonly payload: Payload;
  readonly value: V;
}

/** Keeps what a response brought, for use after its reading. It is decoded at once, so that proxies keep what it refers to. */
export function found<V>(payload: Payload | undefined, decode: (payload: Payload) => V): Found<V> | undefined {
  if (payload === undefined) return undefined;
  return { value: decode(payload), payload: typeof payload === 'string' ? payload : Uint8Array.from(payload) };
}

/** One place in a shared object; `undefined` stands for nothing there. */
export interface UpdateTarget<V> {
  read(): Promise<Found<Frozen<V>> | undefined>;
  /** Replaces what is there if it is what is expected; answers whether it was. */
  swap(expected: Payload | undefined, next: V | Frozen<V> | undefined): Promise<boolean>;
}

/** Changes a place by a function of what is there, which runs again when someone came between. */
export async function updatePlace<V>(
  place: UpdateTarget<V>,
  change: (value: Frozen<V> | undefined) => V | Frozen<V> | undefined,
): Promise<Frozen<V> | undefined> {
  for (;;) {
    const present = await place.read();
    const next = change(present?.value);
    // As it came: it is what must still be there.
    if (await place.swap(present?.payload, next)) return next as Frozen<V> | undefined;
  }
}
