import type { Reference } from '../../proto/codec/reference.js';
import type { Key } from '../../proto/wire/values.js';
import type { Frozen, Scalar } from './frozen.js';

// Types of paths inside values: the possible steps, and the type at the end.

type NumberView =
  Int8Array | Uint8Array | Uint8ClampedArray | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array;
type BigintView = BigInt64Array | BigUint64Array;
type AnyArray = readonly unknown[] | NumberView | BigintView;
/** Must be tested before sets, because a Map is assignable to a Set type. */
type AnyMap = ReadonlyMap<unknown, unknown>;
type AnySet = ReadonlySet<unknown>;

/** Types without inner places, and proxies. */
type Closed = Scalar | Date | RegExp | ArrayBuffer | DataView | AnySet | ((...given: never) => unknown) | { toJSON(): Reference };

/** The steps that lead into a value of a type; any key if the type is unknown. */
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

/** Names of properties; numeric names are strings at run time. */
type NameIn<T> = keyof T extends infer P ? (P extends string ? P : P extends number ? `${P}` : never) : never;

/** The type at the end of one step into a value of a type. */
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
 * The path, with each step replaced by the steps possible there: equal to the path exactly if the path is valid for the type. A path of
 * unknown length is not checked.
 */
export type PathInto<T, Path extends readonly unknown[]> = number extends Path['length']
  ? Path
  : Path extends readonly [infer Step, ...infer Rest]
    ? [Step extends StepInto<T> ? Step : StepInto<T>, ...PathInto<At<T, Step>, Rest>]
    : [];

/** The type at the end of a path into a value of a type. */
export type AtPath<T, Path extends readonly unknown[]> = number extends Path['length']
  ? unknown
  : Path extends readonly [infer Step, ...infer Rest]
    ? AtPath<At<T, Step>, Rest>
    : T;

/** Types that can be stored at a place of a type. */
export type Storable<T> = Exclude<T, undefined>;

/** Types of numbers that can be added at a place of a type. */
export type Addend<T> = unknown extends T ? number | bigint : (T extends number ? number : never) | (T extends bigint ? bigint : never);

/** Elements of the array type. */
export type ItemOf<T> = unknown extends T ? unknown : T extends readonly (infer E)[] ? E : never;

/** Members of the Set type. */
export type MemberOf<T> = unknown extends T ? unknown : T extends AnyMap ? never : T extends ReadonlySet<infer E> ? E : never;

/** Keys of the object or Map type. */
export type KeyOf<T> = unknown extends T
  ? unknown
  : T extends ReadonlyMap<infer K, unknown>
    ? K
    : T extends Closed | AnyArray
      ? never
      : NameIn<T>;

/** Types that can be assigned to the object or Map type. */
export type Assignable<T> = unknown extends T
  ? Readonly<Record<string, unknown>> | Iterable<readonly [Key, unknown]>
  : T extends ReadonlyMap<infer K, infer V>
    ? Iterable<readonly [K | Frozen<K>, V | Frozen<V>]>
    : T extends Closed | AnyArray
      ? never
      : Partial<T> | Partial<Frozen<T>>;

/** Parameters of an operation that needs `Part` at the place; none are possible if the type never has it. */
export type Where<Part, Parameters extends readonly unknown[]> = [Part] extends [never] ? [nothing: never] : Parameters;
