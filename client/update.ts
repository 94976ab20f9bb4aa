import type { Payload } from '../proto/wire/values.js';

/** One place in a shared object; `undefined` stands for nothing there. */
export interface Place<V> {
  /** What is there, for use after its response. */
  read(): Promise<Payload | undefined>;
  decode(payload: Payload): V;
  /** Replaces what is there if it is what is expected; answers whether it was. */
  swap(expected: Payload | undefined, next: V | undefined): Promise<boolean>;
}

/** Changes a place by a function of what is there, which runs again when someone came between. */
export async function updatePlace<V>(place: Place<V>, change: (value: V | undefined) => V | undefined): Promise<V | undefined> {
  for (;;) {
    // Kept as it came: it is what must still be there.
    const expected = await place.read();
    const next = change(expected === undefined ? undefined : place.decode(expected));
    if (await place.swap(expected, next)) return next;
  }
}
