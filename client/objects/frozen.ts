/**
 * The type of a value as reads return it: outside of production (`NODE_ENV`), plain objects and arrays are deeply frozen, so their type is
 * deeply `readonly`. Writes accept it, so that a value that was read can be written back; to change it, build a new value (`{ ...player,
 * score: 2 }`), or copy it (`structuredClone(player) as Player`).
 *
 * Maps and Sets cannot be frozen: they keep their type, with readonly contents. Other instances of classes keep their type too: Dates,
 * typed arrays, Errors, proxies of shared objects. Tuples stay tuples, each member of a union is converted separately, and `unknown` and
 * `any` stay unchanged.
 *
 * A type counts as a class if it has methods. Instances of a class with fields only are readonly in this type, although only plain objects
 * are frozen. Arguments and results of workers and pools are not frozen, and keep their own types.
 */
export type Frozen<T> = T extends Scalar | Error
  ? T
  : T extends object
    ? // First, and without a type alias: only then is a SharedSet<number> assignable to SharedSet<unknown> (docs/decisions/0024-frozen-reads.md).
      HasMethods<T> extends false
      ? { readonly [P in keyof T]: Frozen<T[P]> }
      : FrozenCollection<T>
    : T;

export type Scalar = string | number | bigint | boolean | symbol | null | undefined;

/**
 * An array, Map or Set, or an instance of another class. The compiler resolves `readonly Frozen<E>[]` lazily, which types that contain
 * themselves need.
 */
type FrozenCollection<T> = T extends readonly (infer E)[]
  ? E[] extends T
    ? readonly Frozen<E>[]
    : { readonly [P in keyof T]: Frozen<T[P]> }
  : T extends ReadonlyMap<infer K, infer V>
    ? // A class that extends Map is kept as it is.
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

/** True if a type has methods, as classes do: data has no functions. */
export type HasMethods<V> = [
  { [K in keyof V]-?: 0 extends 1 & V[K] ? never : V[K] extends (...args: never) => unknown ? K : never }[keyof V],
] extends [never]
  ? false
  : true;
