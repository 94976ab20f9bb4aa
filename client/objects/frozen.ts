/**
 * A value as reads give it: outside production (`NODE_ENV`), plain objects and arrays come back frozen, however deep, so
 * their type is `readonly`, however deep. Writes take it as it is, so that a value that was read can be written back; to
 * change it, make a new one of it (`{ ...player, score: 2 }`), or copy it (`structuredClone(player) as Player`).
 *
 * Maps and Sets cannot be frozen: they stay as they are, and what they hold is readonly. All else that has a class stays
 * as it is too: Dates, typed arrays, Errors, proxies of shared objects. Tuples stay tuples, each member of a union is
 * treated by itself, and `unknown` and `any` stay what they are.
 *
 * The compiler tells a class by its methods. Instances of one that has only fields are readonly here, although only
 * plain objects are frozen. What workers and pools are given and answer is not frozen, and has its own type.
 */
export type Frozen<T> = T extends Scalar | Error
  ? T
  : T extends object
    ? // First, and without a name: only then a SharedSet<number> is a SharedSet<unknown> (docs/decisions/0024-frozen-reads.md).
      HasMethods<T> extends false
      ? { readonly [P in keyof T]: Frozen<T[P]> }
      : FrozenCollection<T>
    : T;

export type Scalar = string | number | bigint | boolean | symbol | null | undefined;

/**
 * An array, Map or Set, or an instance of another class. `readonly Frozen<E>[]` is what the compiler does not resolve
 * before it must: types can contain themselves.
 */
type FrozenCollection<T> = T extends readonly (infer E)[]
  ? E[] extends T
    ? readonly Frozen<E>[]
    : { readonly [P in keyof T]: Frozen<T[P]> }
  : T extends ReadonlyMap<infer K, infer V>
    ? // A class that extends Map is no Map.
      Map<K, V> extends T
      ? T extends Map<K, V>
        ? Map<Frozen<K>, Frozen<V>>
        : ReadonlyMap<Frozen<K>, Frozen<V>>
      : T
    : T extends ReadonlySet<infer V>
      ? Set<V> extends T
        ? T extends Set<V>
          ? Set<Frozen<V>>
          : ReadonlySet<Frozen<V>>
        : T
      : T;

/** Whether a type has methods, as classes do: functions are no data. */
export type HasMethods<V> = [
  { [K in keyof V]-?: 0 extends 1 & V[K] ? never : V[K] extends (...args: never) => unknown ? K : never }[keyof V],
] extends [never]
  ? false
  : true;
