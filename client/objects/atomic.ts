import { inspect } from 'node:util';
import { decodePayload, encodePayload } from '../../proto/codec/payload.js';
import { InvalidArgumentError } from '../../proto/errors.js';
import {
  AtomicService,
  type AtomicCheck,
  type AtomicOpening,
  type AtomicOperation,
  type AtomicResult,
} from '../../proto/gen/commonhold/v1/atomic_wire.js';
import type { Key } from '../../proto/wire/values.js';
import { SharedDict } from './dict.js';
import { deltasOf, setRequest, timeLeft, withEnd, type DictChangeOptions, type DictEntries, type DictSetOptions } from './dict-options.js';
import { ttlMs } from './object-options.js';
import type { Frozen } from './frozen.js';
import { validKey } from './arguments.js';
import type { SharedList } from './list.js';
import { checkedPlacing, type ItemOptions } from './queue/put-options.js';
import type { SharedQueue } from './queue/queue.js';
import { passedOn } from '../call-site.js';
import { shown } from '../shown.js';
import { attempt, ObjectProxy, type ProxyContext } from './object-proxy.js';
import type { SharedValue } from './value.js';

/** Result of a batch. */
export interface Committed {
  /** True if all checks held, and all operations were applied. */
  readonly ok: boolean;
  /**
   * One result per operation, in order: undefined for `set` and `addMany`, true for a `put` unless the queue holds the id, whether the key
   * existed for `delete` and `touch`, the milliseconds that `ttl` answers, the new number for `add`, the new length for `push`.
   */
  readonly results?: readonly unknown[];
}

/**
 * Operations on several objects that are applied atomically, all or none. Created by {@link Manager.atomic}; nothing is sent before {@link
 * commit}. Objects that do not exist yet are created first, as by any first operation, with the options of their proxies; if the batch is
 * not applied, they are removed again. All checks are evaluated first, regardless of the order of the calls. No operation waits. An
 * operation on a proxy with a fence (`dict.fencedBy(held)`) is fenced.
 */
export class AtomicBatch {
  readonly #checks: AtomicCheck[] = [];
  readonly #operations: AtomicOperation[] = [];
  /** The objects that may have to be created first. */
  readonly #objects = new Set<ObjectProxy>();
  #failure: unknown;

  readonly #context: ProxyContext;

  /** @internal */
  constructor(context: ProxyContext) {
    this.#context = context;
  }

  /** Requires the dict to hold `expected` under the key; undefined requires the key to be absent. Compared by deep equality. */
  check<K extends Key, V>(dict: SharedDict<K, V>, key: NoInfer<K>, expected: NoInfer<V | Frozen<V>> | undefined): this;
  /** Requires the value to equal `expected`. */
  check<T>(value: SharedValue<T>, expected: NoInfer<T | Frozen<T>>): this;
  check(object: ObjectProxy, ...rest: readonly unknown[]): this {
    return this.#note(() => {
      const keyed = object instanceof SharedDict;
      const expected = rest[keyed ? 1 : 0];
      const check: AtomicCheck = { name: this.#use(object), expected: expected === undefined ? undefined : object.encode(expected) };
      if (keyed) check.key = validKey(rest[0] as Key);
      this.#checks.push(check);
    });
  }

  /** Stores a value under a key of a dict, as {@link SharedDict.set}. */
  set<K extends Key, V>(dict: SharedDict<K, V>, key: NoInfer<K>, value: NoInfer<V | Frozen<V>>, options?: DictSetOptions): this;
  /** Replaces a value. */
  set<T>(value: SharedValue<T>, next: NoInfer<T | Frozen<T>>): this;
  set(object: ObjectProxy, ...rest: readonly unknown[]): this {
    return this.#operate(object, () =>
      object instanceof SharedDict
        ? {
            dictSet: setRequest(
              this.#context.transport,
              this.#use(object),
              rest[0] as Key,
              object.encode(rest[1]),
              rest[2] as DictSetOptions | undefined,
            ),
          }
        : { valueSet: { name: this.#use(object), value: object.encode(rest[0]) } },
    );
  }

  /** Removes a key of a dict. */
  delete<K extends Key, V>(dict: SharedDict<K, V>, key: NoInfer<K>): this {
    return this.#operate(dict, () => ({ dictDelete: { name: this.#use(dict), key: validKey(key) } }));
  }

  /** Adds to the number under a key of a dict, as {@link SharedDict.add}. */
  add<K extends Key, V>(dict: SharedDict<K, V>, key: NoInfer<K>, delta?: number | bigint, options?: DictChangeOptions): this;
  /** Adds to a value. */
  add(value: SharedValue<number> | SharedValue<bigint>, delta: number | bigint): this;
  add(object: ObjectProxy, ...rest: readonly unknown[]): this {
    return this.#operate(object, () =>
      object instanceof SharedDict
        ? {
            dictAdd: withEnd(
              { name: this.#use(object), key: validKey(rest[0] as Key), delta: encodePayload(rest[1] ?? 1) },
              rest[2] as DictChangeOptions | undefined,
            ),
          }
        : { valueAdd: { name: this.#use(object), delta: encodePayload(rest[0]) } },
    );
  }

  /** Adds to the numbers under many keys of a dict, as {@link SharedDict.addMany}. */
  addMany<K extends Key, V>(dict: SharedDict<K, V>, counts: DictEntries<NoInfer<K>, number | bigint>, options?: DictChangeOptions): this {
    return this.#operate(dict, () => ({ dictAddMany: withEnd({ name: this.#use(dict), deltas: deltasOf(counts) }, options) }));
  }

  /** Sets the time to live of a key of a dict, as {@link SharedDict.touch}. */
  touch<K extends Key, V>(dict: SharedDict<K, V>, key: NoInfer<K>, ttl: number | null): this {
    return this.#operate(dict, () => ({ dictTouch: { name: this.#use(dict), key: validKey(key), ttlMs: ttlMs(ttl ?? undefined) } }));
  }

  /** Reads the time to live of a key of a dict, as {@link SharedDict.ttl}, after the operations before it. Not fenced. */
  ttl<K extends Key, V>(dict: SharedDict<K, V>, key: NoInfer<K>): this {
    return this.#note(() => this.#operations.push({ dictTtl: { name: this.#use(dict), key: validKey(key) } }));
  }

  /** Appends to a list. */
  push<V>(list: SharedList<V>, ...values: NoInfer<V | Frozen<V>>[]): this {
    return this.#operate(list, () => ({
      listPush: { name: this.#use(list), values: values.map((value) => list.encode(value)) },
    }));
  }

  /** Puts an item into a queue, which must have room for it; an item with an id that the queue holds needs none, and is not put. */
  put<V>(queue: SharedQueue<V>, value: NoInfer<V | Frozen<V>>, options?: ItemOptions): this {
    return this.#operate(queue, () => ({
      queuePut: { name: this.#use(queue), value: queue.encode(value), ...checkedPlacing(options) },
    }));
  }

  /**
   * Applies the batch. One round trip.
   * @throws the first error of the calls above, such as a value that cannot be sent or that a schema refuses; and, with nothing applied,
   * InvalidArgumentError for an object of another manager, NotFoundError for an object that has ended, TimeoutError for an object whose
   * lock is held, StaleFenceError, QueueFullError, QueueShutDownError, KindMismatchError, OutOfRangeError
   */
  commit(): Promise<Committed> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return attempt(() => {
      const opened = [...this.#objects].filter(({ pendingOpen }) => pendingOpen !== undefined);
      const openings = opened.map((object): AtomicOpening => ({ [object.kind]: object.pendingOpen }));
      const request = { checks: this.#checks, operations: this.#operations, openings };
      return this.#context.transport.call(AtomicService.methods.commit, request, ({ ok, results }) => {
        if (!ok) return { ok };
        for (const object of opened) object.wasOpened();
        return { ok, results: results.map((result) => this.#read(result)) };
      });
    });
  }

  /** Records an object that the batch uses, and returns its name. */
  #use(object: ObjectProxy): string {
    if (!(object instanceof ObjectProxy)) {
      throw new InvalidArgumentError(
        'a step of a batch without a shared object: give it a dict, a list, a queue or a value of the manager',
      );
    }
    this.#objects.add(object);
    return object.nameFor(this.#context);
  }

  /** Returns the state in one line, as `console.log` shows it. */
  toString(): string {
    return this[inspect.custom]();
  }

  /** @internal */
  [inspect.custom](): string {
    const [checks, operations] = [this.#checks.length, this.#operations.length];
    return shown(this, `checks: ${checks}, operations: ${operations} at ${this.#context.transport.address}`);
  }

  /** Adds an operation on an object, under the fence of its proxy. */
  #operate(object: ObjectProxy, make: () => AtomicOperation): this {
    return this.#note(() => {
      const operation = make();
      const [request] = Object.values(operation) as { fence?: ObjectProxy['fence'] }[];
      if (object.fence !== undefined) request!.fence ??= object.fence;
      this.#operations.push(operation);
    });
  }

  /** Runs a step, and keeps the first failure for the commit, so that a chain of calls fails in one place. Its stack names the call in the chain. */
  #note(take: () => void): this {
    try {
      take();
    } catch (error) {
      this.#failure ??= passedOn(error, this.#note);
    }
    return this;
  }

  #read({ dictDelete, dictAdd, dictTouch, dictTtl, listPush, queuePut, valueAdd }: AtomicResult): unknown {
    if (queuePut) return !queuePut.duplicate;
    if (dictDelete) return dictDelete.deleted;
    if (dictTouch) return dictTouch.found;
    if (dictTtl) return timeLeft(dictTtl);
    if (listPush) return listPush.length;
    const sum = dictAdd ?? valueAdd;
    return sum && decodePayload(sum.value, this.#context);
  }
}
