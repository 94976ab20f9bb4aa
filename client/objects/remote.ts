// Types of objects of registered types: their members as remote callers see them, and values as they arrive on the other side.
import type { Handle } from '../../proto/codec/handle.js';
import type { Reference } from '../../proto/codec/reference.js';
import type { Frozen, HasMethods } from './frozen.js';
import type { WaitOptions } from '../wait.js';

/** Names of the members of a class that remote callers see. */
export type MemberName<T> = Exclude<keyof T & string, `_${string}`>;

/** A member as remote callers see it: a method with its parameters, or a getter as a method without; the result is a promise. */
export type RemoteMember<M> = M extends (...args: infer A) => infer R
  ? (...args: Arguments<A>) => Promise<Frozen<Carried<Awaited<R>>>>
  : () => Promise<Frozen<Carried<M>>>;

/** Parameters of a member, as `call` takes them. */
export type MemberArguments<M> = M extends (...args: infer A) => unknown ? Arguments<A> : [];

/** Arguments, which may also be values as reads return them. */
type Arguments<A> = { [I in keyof A]: Carried<A[I]> | Frozen<Carried<A[I]>> };

/** Result of a member. */
export type MemberResult<M> = M extends (...args: never) => infer R ? Frozen<Carried<Awaited<R>>> : Frozen<Carried<M>>;

/** Members that every object of a registered type has; they take precedence over the members of its class. */
export interface RemoteHandle<T = unknown> extends AsyncDisposable {
  readonly kind: 'object';
  /** Name of the object; anonymous objects have a generated one. */
  readonly name: string;
  /**
   * Returns true if the object exists. One round trip.
   * @throws KindMismatchError if the name belongs to another kind
   */
  exists(): Promise<boolean>;
  /**
   * Creates the object, which must not exist yet. One round trip.
   * @throws AlreadyExistsError if it exists; RemoteError if its constructor throws
   */
  create(): Promise<RemoteObject<T>>;
  /**
   * Destroys the object; calls that wait on it fail with NotFoundError. Its `[Symbol.asyncDispose]` or `[Symbol.dispose]`, if its class has
   * one, is called once no method runs any more. Returns true if the object existed. One round trip.
   */
  destroy(): Promise<boolean>;
  /** Sets the time to live in milliseconds, or removes it (null), as for every object. One round trip. */
  expire(ttl: number | null): Promise<void>;
  /** Returns a reference to the object as data: it can be stored, sent and logged, and contains no secret. */
  toJSON(): Reference;
  /**
   * Calls a member by its name, for members whose names are taken here (`destroy`, `name`), and for a timeout or signal, which apply until
   * the answer. If they end before the call's turn, the member has not run; a method that is running continues to its end. One round trip.
   * @throws TimeoutError if the timeout ends first, with `mayHaveExecuted`; the signal's reason; RemoteError if the member throws;
   * InvalidArgumentError if the class exposes no such member
   */
  call<M extends (unknown extends T ? string : keyof T & string)>(
    member: M,
    args?: M extends keyof T ? MemberArguments<T[M]> : readonly unknown[],
    options?: WaitOptions,
  ): Promise<M extends keyof T ? MemberResult<T[M]> : unknown>;
}

/**
 * An object of a registered type, whose methods and getters are called as if it were local, except that they return promises: the value of
 * a getter `balance` is `await account.balance()`.
 *
 * Arguments and results are copied. An instance of a registered class in a result arrives as such a remote object, and a remote object in
 * an argument arrives in the manager as the instance itself; other proxies arrive there as a {@link Handle}.
 *
 * Calls of one object run one at a time, in the order of their arrival, from all clients: while an async method runs, the others wait. If a
 * member throws, the call rejects with a RemoteError with its name, message and code.
 */
export type RemoteObject<T = unknown> = RemoteHandle<T> & {
  readonly [M in Exclude<MemberName<T>, keyof RemoteHandle | 'then'>]: RemoteMember<NonNullable<T[M]>>;
};

/** Types that are copied unchanged, or sent as a proxy. */
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
 * The type of a value as it arrives on the other side: an object with methods cannot be copied, so it arrives as an object of a registered
 * type; a {@link Handle} arrives as the proxy that it stands for.
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
          ? // A class that extends Map is an object with methods.
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
