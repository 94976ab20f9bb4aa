// What the compiler knows of objects of registered types: their members as they are called from afar,
// and values as they arrive on the other side.
import type { Handle } from '../../proto/codec/handle.js';
import type { Reference } from '../../proto/codec/reference.js';
import type { Frozen, HasMethods } from './frozen.js';
import type { WaitOptions } from '../wait.js';

/** Names of the members of a class that its callers see. */
export type MemberName<T> = Exclude<keyof T & string, `_${string}`>;

/**
 * A member as it is called from afar: a method with its parameters, anything else without; the answer
 * is a promise.
 */
export type RemoteMember<M> = M extends (...args: infer A) => infer R
  ? (...args: Arguments<A>) => Promise<Frozen<Carried<Awaited<R>>>>
  : () => Promise<Frozen<Carried<M>>>;

/** Parameters of a member, as `call` takes them. */
export type MemberArguments<M> = M extends (...args: infer A) => unknown ? Arguments<A> : [];

/** Arguments as they are given: also as they were read. */
type Arguments<A> = { [I in keyof A]: Carried<A[I]> | Frozen<Carried<A[I]>> };

/** What a member answers. */
export type MemberResult<M> = M extends (...args: never) => infer R ? Frozen<Carried<Awaited<R>>> : Frozen<Carried<M>>;

/** What every object of a registered type has beside the members of its class, and before them. */
export interface RemoteHandle<T = unknown> extends AsyncDisposable {
  readonly kind: 'object';
  /** Name of the object; anonymous ones have a generated one. */
  readonly name: string;
  /**
   * Whether the object exists. One round trip.
   * @throws KindMismatchError where the name belongs to another kind
   */
  exists(): Promise<boolean>;
  /**
   * Makes the object, which must not exist yet. One round trip.
   * @throws AlreadyExistsError where it does; RemoteError where its constructor throws
   */
  create(): Promise<RemoteObject<T>>;
  /**
   * Ends the object; whoever waits on it fails with NotFoundError. Its `[Symbol.asyncDispose]` or
   * `[Symbol.dispose]`, where its class has one, is called when no method runs any more. Answers whether
   * there was one. One round trip.
   */
  destroy(): Promise<boolean>;
  /** Makes the object end by itself after so many milliseconds, or never (null), as every object. One round trip. */
  expire(ttl: number | null): Promise<void>;
  /** The object as data: it can be stored, sent and logged, and carries no secret. */
  toJSON(): Reference;
  /**
   * Calls a member by its name: for one whose name is taken here (`destroy`, `name`), and to give up
   * waiting. The timeout and the signal count until there is an answer. Where they end before the call's
   * turn, nothing has run; a method that runs already runs on to its end. One round trip.
   * @throws TimeoutError when the timeout ends first, with `mayHaveExecuted`; the signal's reason;
   * RemoteError for what the member throws; InvalidArgumentError where the class exposes no such member
   */
  call<M extends (unknown extends T ? string : keyof T & string)>(
    member: M,
    args?: M extends keyof T ? MemberArguments<T[M]> : readonly unknown[],
    options?: WaitOptions,
  ): Promise<M extends keyof T ? MemberResult<T[M]> : unknown>;
}

/**
 * An object of a registered type, whose methods and getters are called as if it were here, but for the
 * promise: of a getter `balance`, `await account.balance()` is the value.
 *
 * Arguments and results are copied. An instance of a registered class in a result arrives as an object
 * like this, and such an object in an argument arrives in the manager as the instance that it is; other
 * proxies arrive there as a {@link Handle}.
 *
 * Calls of one object run one at a time, in the order in which they came, whoever makes them: while an
 * async method runs, the others wait. What a member throws, the call rejects with: a RemoteError with
 * its name, message and code.
 */
export type RemoteObject<T = unknown> = RemoteHandle<T> & {
  readonly [M in Exclude<MemberName<T>, keyof RemoteHandle | 'then'>]: RemoteMember<NonNullable<T[M]>>;
};

/** What is copied as it is, or travels as a proxy. */
type Unchanged =
  | string
  | number
  | bigint
  | boolean
  | symbol
  | null
  | undefined
  | void
  | Date
  | RegExp
  | Error
  | ArrayBuffer
  | ArrayBufferView
  | { readonly kind: string; readonly name: string; toJSON(): Reference };

/**
 * A value as it arrives on the other side: something with methods cannot be a copy, and so is an object
 * of a registered type; a {@link Handle} is the proxy it stands for.
 */
export type Carried<V> = 0 extends 1 & V
  ? V
  : V extends Handle<infer P>
    ? P
    : V extends Unchanged
      ? V
      : V extends readonly unknown[]
        ? { [I in keyof V]: Carried<V[I]> }
        : V extends ReadonlyMap<infer K, infer W>
          ? // A class that extends Map is no Map.
            Map<K, W> extends V
            ? Map<Carried<K>, Carried<W>>
            : RemoteObject<V>
          : V extends ReadonlySet<infer W>
            ? Set<W> extends V
              ? Set<Carried<W>>
              : RemoteObject<V>
            : V extends object
              ? HasMethods<V> extends true
                ? RemoteObject<V>
                : { [K in keyof V]: Carried<V[K]> }
              : V;
