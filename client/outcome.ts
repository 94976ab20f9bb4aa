/** What was read: a value, or why it is none. */
export type Outcome<V> = { readonly value: V } | { readonly failure: unknown };

/** The value, where there is one; throws why there is none. */
export function valueOf<V>(outcome: Outcome<V>): V {
  if ('failure' in outcome) throw outcome.failure;
  return outcome.value;
}
