/** The result of decoding: a value, or the error. */
export type Outcome<V> = { readonly value: V } | { readonly failure: unknown };

/** Returns the value, or throws the failure. */
export function valueOf<V>(outcome: Outcome<V>): V {
  if ('failure' in outcome) throw outcome.failure;
  return outcome.value;
}
