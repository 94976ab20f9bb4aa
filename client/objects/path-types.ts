import type { Reference } from '../../proto/codec/reference.js';
import type { Key } from '../../proto/wire/values.js';
import type { Frozen, Scalar } from './frozen.js';

// What the compiler knows of places inside of values: which steps lead on, and what is there.

type NumberView =
  Int8Array | Uint8Array | Uint8ClampedArray | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array;
type BigintView = BigInt64Array | BigUint64Array;
type AnyArray = readonly unknown[] | NumberView | BigintView;
/** To be looked for before Sets: the compiler takes a Map for one. */
type AnyMap = ReadonlyMap<unknown, unknown>;
type AnySet = ReadonlySet<unknown>;

/** What no step leads into: what has no places, and proxies. */
type Closed = Scalar | Date | RegExp | ArrayBuffer | DataView | AnySet | ((...given: never) => unknown) | { toJSON(): Reference };

/** The steps that lead into a value of a type; any key where nothing is known of it. */
type StepInto<T> = unknown extends T
  ? Key
  : T extends ReadonlyMap<infer K, unknown>
    ? unknown extends K
      ? Key
      : Extract<K, Key>
    : T extends Closed
      ? never
      : T extends AnyArray
        ? number
        : NameIn<T>;

/** Names of properties; those that the compiler takes for numbers are texts like the others. */
type NameIn<T> = keyof T extends infer P ? (P extends string ? P : P extends number ? `${P}` : never) : never;

/** What is where a step into a value of a type leads. */
type At<T, Step> = unknown extends T
  ? unknown
  : T extends ReadonlyMap<infer K, infer V>
    ? Step extends K
      ? V
      : never
    : T extends Closed
      ? never
      : T extends readonly (infer E)[]
        ? Step extends number
          ? E
          : never
        : T extends NumberView | BigintView
          ? Step extends number
            ? T[number]
            : never
          : NamedMember<T, Step>;

type NamedMember<T, Step> = Step extends keyof T
  ? T[Step]
  : Step extends `${infer N extends number}`
    ? N extends keyof T
      ? T[N]
      : never
    : never;

/**
 * A path with what may stand at each of its steps: it is the path itself exactly when it leads somewhere
 * in a value of the type. Of a path whose length is not known nothing is.
 */
export type PathInto<T, Path extends readonly unknown[]> = number extends Path['length']
  ? Path
  : Path extends readonly [infer Step, ...infer Rest]
    ? [Step extends StepInto<T> ? Step : StepInto<T>, ...PathInto<At<T, Step>, Rest>]
    : [];

/** What is where a path into a value of a type leads. */
export type AtPath<T, Path extends readonly unknown[]> = number extends Path['length']
  ? unknown
  : Path extends readonly [infer Step, ...infer Rest]
    ? AtPath<At<T, Step>, Rest>
    : T;

/** What can be put where something of a type is. */
export type Storable<T> = Exclude<T, undefined>;

/** Numbers that can be added to what is there. */
export type Addend<T> = unknown extends T ? number | bigint : (T extends number ? number : never) | (T extends bigint ? bigint : never);

/** Elements of the array that is there. */
export type ItemOf<T> = unknown extends T ? unknown : T extends readonly (infer E)[] ? E : never;

/** Members of the Set that is there. */
export type MemberOf<T> = unknown extends T ? unknown : T extends AnyMap ? never : T extends ReadonlySet<infer E> ? E : never;

/** Keys of the object or Map that is there. */
export type KeyOf<T> = unknown extends T
  ? unknown
  : T extends ReadonlyMap<infer K, unknown>
    ? K
    : T extends Closed | AnyArray
      ? never
      : NameIn<T>;

/** What can be assigned to the object or Map that is there. */
export type Assignable<T> = unknown extends T
  ? Readonly<Record<string, unknown>> | Iterable<readonly [Key, unknown]>
  : T extends ReadonlyMap<infer K, infer V>
    ? Iterable<readonly [K | Frozen<K>, V | Frozen<V>]>
    : T extends Closed | AnyArray
      ? never
      : Partial<T> | Partial<Frozen<T>>;

/** Parameters of an operation that needs some part to be there; where it never is, none will do. */
export type Where<Part, Parameters extends readonly unknown[]> = [Part] extends [never] ? [nothing: never] : Parameters;
