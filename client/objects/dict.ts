import { unoffered } from '../../engine/shared/objects/unoffered.js';
import {
  DictService,
  type DictChange as WireChange,
  type DictEntry,
  type DictServiceOpenRequest,
  type DictServiceWatchResponse,
} from '../../proto/gen/commonhold/v1/dict_wire.js';
import type { Key, Payload } from '../../proto/wire/values.js';
import type { Held } from '../locking/held.js';
import { PathOperations } from './path.js';
import type { AtPath, PathInto } from './path-types.js';
import { attempt, nothing, ObjectProxy, type ProxyContext } from './object-proxy.js';
import { found, updatePlace } from './update.js';
import {
  deltasOf,
  pairsOf,
  prefixOf,
  setManyRequest,
  setRequest,
  timeLeft,
  withEnd,
  type DictChangeOptions,
  type DictEntries,
  type DictOptions,
  type DictScanOptions,
  type DictSetManyOptions,
  type DictSetOptions,
} from './dict-options.js';
import { ttlMs } from './object-options.js';
import { count, listOf, validKey } from './arguments.js';
import { dictChange, type DictChange } from './changes.js';
import { CachedDict, type CacheOptions } from './cached-dict.js';
import type { CallOptions } from '../connect/transport/transport.js';
import { checkOptions } from '../../proto/known-options.js';
import { DICT_WATCH_OPTIONS, watchChanges, type AskChanges, type DictWatchOptions, type WatchOptions } from './watch.js';
import { SyncDict } from '../shared/sync/dict.js';
import type { Frozen } from './frozen.js';

const { methods } = DictService;

/**
 * A dict shared between processes: a Map whose methods return promises, plus Python's dict methods. Keys keep their order of insertion.
 * Reads return readonly copies ({@link Frozen}): to change a stored value, set it again, or use {@link update}, {@link add} or {@link
 * compareAndSet}, which are atomic.
 *
 * Keys are strings, numbers, bigints, booleans or bytes: `1`, `1n` and `"1"` are three keys, NaN equals itself, -0 is 0. Every method may
 * throw KindMismatchError if the name belongs to another kind, and InvalidArgumentError for a key or value that cannot be sent; with a
 * schema, SchemaError for a refused value, on writes and on reads.
 */
export class SharedDict<K extends Key = Key, V = unknown>
  extends ObjectProxy<DictServiceOpenRequest>
  implements AsyncIterable<[K, Frozen<V>]>
{
  /** @internal */
  constructor(context: ProxyContext, name: string, { maxEntries }: DictOptions<V> = {}) {
    const request: DictServiceOpenRequest = { name, exclusive: false };
    if (maxEntries !== undefined) request.maxEntries = count('maxEntries', maxEntries, 1);
    super(context, 'dict', name, { method: methods.open, request }, maxEntries !== undefined);
  }

  /** Synchronous API, for a dict in shared memory. @throws InvalidArgumentError if it is not in shared memory */
  get sync(): SyncDict<K, V> {
    return (this.#sync ??= new SyncDict<K, V>(this));
  }
  #sync: SyncDict<K, V> | undefined;

  /**
   * Returns this dict for writes under a fence: each goes through only while the hold is held, and otherwise rejects with StaleFenceError, so that a
   * holder that has lost its lock without knowing it changes nothing. A write that waits is checked again when it takes effect. No round trip.
   * @throws InvalidArgumentError if `held` is no hold, or one of another manager; UnimplementedError for an object in shared memory
   */
  fencedBy(held: Held): SharedDict<K, V> {
    return this.fenced(held, new SharedDict<K, V>(this.context, this.name));
  }

  /** Returns the value under a key, or undefined. One round trip. */
  get(key: K): Promise<Frozen<V> | undefined> {
    return attempt(() => this.call(methods.get, { name: this.name, key: validKey(key) }, this.#value));
  }

  /** Returns the entries of the keys that exist, in the order of `keys`. One round trip. */
  getMany(keys: Iterable<K>): Promise<Map<K, Frozen<V>>> {
    return attempt(() => this.call(methods.getMany, { name: this.name, keys: listOf('keys', keys).map(validKey) }, this.#map));
  }

  /**
   * Stores a value under a key. A new key goes to the end, an existing key keeps its place. An earlier `ttl` of the key is replaced or
   * removed; {@link add}, {@link compareAndSet} and {@link update} keep it. One round trip.
   * @throws StaleFenceError if the lock of the fence is not currently held under its token
   */
  set(key: K, value: V | Frozen<V>, options?: DictSetOptions): Promise<void> {
    return attempt(() => this.call(methods.set, setRequest(this.context.transport, this.name, key, this.encode(value), options), nothing));
  }

  /**
   * Stores many entries atomically, each as {@link set} does, from a Map, an object or `[key, value]` pairs (Python's `update`). One round
   * trip.
   * @throws PayloadTooLargeError for more than 262,144 entries, or more bytes than a message has
   */
  setMany(entries: DictEntries<K, V | Frozen<V>>, options?: DictSetManyOptions): Promise<void> {
    return attempt(() => {
      const encoded = Array.from(pairsOf(entries), ([key, value]) => ({ key: validKey(key), value: this.encode(value) }));
      return this.call(methods.setMany, setManyRequest(this.name, encoded, options), nothing);
    });
  }

  /** Returns true if a key exists. One round trip. */
  has(key: K): Promise<boolean> {
    return attempt(() => this.call(methods.has, { name: this.name, key: validKey(key) }, ({ found }) => found));
  }

  /** Removes a key; returns true if it existed. One round trip. */
  delete(key: K): Promise<boolean> {
    return attempt(() => this.call(methods.delete, { name: this.name, key: validKey(key) }, ({ deleted }) => deleted));
  }

  /** Removes many keys atomically; returns the number that existed. One round trip. */
  deleteMany(keys: Iterable<K>): Promise<number> {
    return attempt(() =>
      this.call(methods.deleteMany, { name: this.name, keys: listOf('keys', keys).map(validKey) }, ({ deleted }) => deleted),
    );
  }

  /** Returns the number of entries. One round trip. */
  size(): Promise<number> {
    return this.call(methods.size, { name: this.name }, ({ size }) => size);
  }

  /** Removes all entries. One round trip. */
  clear(): Promise<void> {
    return this.call(methods.clear, { name: this.name }, nothing);
  }

  /**
   * Sets the time to live of a key, whose value stays; returns true if the key exists. Watches report nothing. One round trip.
   * @param ttl milliseconds from now, or null or `Infinity` for no limit
   * @throws InvalidArgumentError for 0, a negative time or NaN; OutOfRangeError beyond 2^53
   */
  touch(key: K, ttl: number | null): Promise<boolean> {
    return attempt(() => {
      const request = { name: this.name, key: validKey(key), ttlMs: ttlMs(ttl ?? undefined) };
      return this.call(methods.touch, request, ({ found }) => found);
    });
  }

  /** Returns the milliseconds that a key has left: `Infinity` without an end, undefined for a missing key. One round trip. */
  ttl(key: K): Promise<number | undefined> {
    return attempt(() => this.call(methods.ttl, { name: this.name, key: validKey(key) }, timeLeft));
  }

  /** Returns the value under a key, after storing `value` if the key was absent (Python's `setdefault`). One round trip. */
  getOrInsert(key: K, value: V | Frozen<V>, options?: DictChangeOptions): Promise<Frozen<V>> {
    return attempt(() => {
      const request = withEnd({ name: this.name, key: validKey(key), value: this.encode(value) }, options);
      return this.call(methods.getOrInsert, request, (response) => this.decode(response.value) as Frozen<V>);
    });
  }

  /** Removes a key and returns its value, or undefined. One round trip. */
  pop(key: K): Promise<Frozen<V> | undefined> {
    return attempt(() => this.call(methods.pop, { name: this.name, key: validKey(key) }, this.#value));
  }

  /** Removes and returns the newest entry, or undefined (Python's `popitem`). One round trip. */
  popItem(): Promise<[K, Frozen<V>] | undefined> {
    return this.call(methods.popItem, { name: this.name }, ({ entry }) => entry && this.#entry(entry));
  }

  /**
   * Adds to the number under a key, atomically; an absent key counts as 0. Returns the new number. A schema does not check it until the
   * number is read. One round trip.
   * @param delta a number, or a bigint if the key holds one; default 1
   * @throws InvalidArgumentError if the key holds no number, or one of the other type
   */
  add<N extends number | bigint = number>(
    key: K,
    delta: N | 1 = 1,
    options?: DictChangeOptions,
  ): Promise<N extends bigint ? bigint : number> {
    return attempt(() => {
      const request = withEnd({ name: this.name, key: validKey(key), delta: this.encodePlain(delta) }, options);
      return this.call(methods.add, request, ({ value }) => this.decodePlain(value) as N extends bigint ? bigint : number);
    });
  }

  /**
   * Adds to the numbers under many keys atomically, as {@link add} does for one key: for counts that were gathered first, such as word
   * counts (Python's `Counter.update`). A key that occurs twice is added to twice. One round trip.
   * @param counts a Map, an object or `[key, delta]` pairs; a delta is a number, or a bigint if the key holds one
   * @throws InvalidArgumentError, with no key changed, if a key holds no number, or one of the other type
   */
  addMany(counts: DictEntries<K, number | bigint>, options?: DictChangeOptions): Promise<void> {
    return attempt(() => this.call(methods.addMany, withEnd({ name: this.name, deltas: deltasOf(counts) }, options), nothing));
  }

  /**
   * Stores `next` if the key holds `expected`, compared by deep equality; returns true if it did. `undefined` stands for an absent key, for
   * both arguments. One round trip.
   */
  compareAndSet(
    key: K,
    expected: V | Frozen<V> | undefined,
    next: V | Frozen<V> | undefined,
    options?: DictChangeOptions,
  ): Promise<boolean> {
    return attempt(() => this.#swap(key, expected === undefined ? undefined : this.encode(expected), next, options));
  }

  /**
   * Changes the value under a key with a function of the current value; `undefined` stands for an absent key. If the value was changed
   * meanwhile, the function runs again on the newer value, so it must have no side effects. Returns the stored value. Two round trips, and
   * two more for each repetition.
   */
  async update(
    key: K,
    change: (value: Frozen<V> | undefined) => V | Frozen<V> | undefined,
    options?: DictChangeOptions,
  ): Promise<Frozen<V> | undefined> {
    const request = { name: this.name, key: validKey(key) };
    const decode = (payload: Payload): Frozen<V> => this.decode(payload) as Frozen<V>;
    const stored = await updatePlace<V>(
      {
        read: () => this.call(methods.get, request, ({ value }) => found(value, decode)),
        swap: (expected, next) => this.#swap(key, expected, next, options),
      },
      change,
    );
    return stored === undefined ? undefined : this.normal<V>(stored);
  }

  #swap(key: K, expected: Payload | undefined, next: V | Frozen<V> | undefined, options: DictChangeOptions | undefined): Promise<boolean> {
    const request = { name: this.name, key: validKey(key), expected, next: next === undefined ? undefined : this.encode(next) };
    return this.call(methods.compareAndSet, withEnd(request, options), ({ swapped }) => swapped);
  }

  /**
   * Returns operations on a place inside the value under a key, each of them atomic: `path('ada', 'tags').push('x')`. No round trip. Values of
   * more than 4 MiB are a PayloadTooLargeError there.
   * @param path the steps to the place, from the value inwards: see {@link PathOperations}
   */
  path<const P extends readonly Key[]>(key: K, ...path: P extends PathInto<V, P> ? P : PathInto<V, P>): PathOperations<AtPath<V, P>> {
    return new PathOperations(this.context, (method, request, read) => this.call(method, request, read), this.name, key, path);
  }

  /** Iterates over the keys in order, page by page: see {@link entries}. */
  keys(options?: DictScanOptions): AsyncGenerator<K, void, undefined> {
    return this.#scan(true, ({ key }) => key as K, options);
  }

  /** Iterates over the values in the order of their keys, page by page: see {@link entries}. */
  values(options?: DictScanOptions): AsyncGenerator<Frozen<V>, void, undefined> {
    return this.#scan(false, ({ key, value }) => this.decode(value, key) as Frozen<V>, options);
  }

  /**
   * Iterates over the entries in order. Each page of 1,000 is read on demand, in one round trip. An entry that exists throughout is
   * returned exactly once, also during concurrent inserts and deletes; entries inserted after the beginning are not returned.
   * @throws InvalidArgumentError for a prefix that is not a string
   */
  entries(options?: DictScanOptions): AsyncGenerator<[K, Frozen<V>], void, undefined> {
    return this.#scan(false, (entry) => this.#entry(entry), options);
  }

  /** As {@link entries}. */
  [Symbol.asyncIterator](): AsyncGenerator<[K, Frozen<V>], void, undefined> {
    return this.entries();
  }

  /**
   * Returns all entries as a Map, as one atomic read. One round trip.
   * @throws PayloadTooLargeError if they exceed the largest message: iterate instead
   */
  toMap(): Promise<Map<K, Frozen<V>>> {
    return this.call(methods.snapshot, { name: this.name }, this.#map);
  }

  /**
   * Watches the dict from this call on: iterates over every change, by any client, in order, until the dict is destroyed, which is the last
   * change. With the option `key`, only changes of that key, `clear` and `destroy`. Values are copies, as of the change. The watch begins
   * with this call, not with the loop: before any later call of this client.
   *
   * Changes that a slow loop has not reached are kept by the manager, which has the latest 10,000 changes of an object (`--watch-history`),
   * at most 16 MiB of them. After a loss of the session, the watch resumes in the next one; for that, the changes are kept a minute longer.
   * One round trip at the beginning, and one for each batch of new changes.
   * @param options.from the revision of the last change that was seen: resumes after it
   * @param options.timeout milliseconds without a change after which `next()` throws
   * @param options.follow true to go on with the next dict of the name after `destroy`, which is not the last change then
   * @throws InvalidArgumentError for an invalid option, and to follow a dict without a name. The loop: HistoryLostError if changes were
   * discarded, or if the next dict in another manager was changed before this watch came back: read the dict again, and start a new watch; TimeoutError; the signal's reason; SessionExpiredError if the session was lost before the watch began;
   * ManagerUnavailableError; PayloadTooLargeError if a single change exceeds the largest message
   */
  watch(options: DictWatchOptions<K> = {}): AsyncIterableIterator<DictChange<K, V>, undefined> {
    checkOptions(options, DICT_WATCH_OPTIONS);
    const key = options.key === undefined ? undefined : validKey(options.key);
    return this.#watch(key, (change) => dictChange<K, V>(change, (payload) => this.decode(payload, change.key)), options);
  }

  /**
   * Returns this dict with a near cache: values that were read are kept in this process, and read again without a round trip until the
   * manager reports a change. See {@link CachedDict} for its consistency. No round trip.
   * @throws InvalidArgumentError for an invalid option; UnimplementedError if the dict is in shared memory, which needs no cache
   */
  cached(options?: CacheOptions): CachedDict<K, V> {
    const { name } = this;
    const decode = (payload: Payload): Frozen<V> => this.decode(payload) as Frozen<V>;
    if (this.context.shared !== undefined) {
      throw unoffered('a near cache', name);
    }
    return new CachedDict<K, V>(
      {
        dict: this,
        transport: this.context.transport,
        fetch: (key) => attempt(() => this.call(methods.get, { name, key: validKey(key) }, ({ value }) => found(value, decode))),
        decode,
        // The values of changes are not needed, and a cache does not keep the program alive.
        watch: () => this.#watch(undefined, (change) => dictChange<K, undefined>(change, nothing), {}, { background: true }),
      },
      options,
    );
  }

  #watch<C extends DictChange>(
    key: K | undefined,
    read: (change: WireChange) => C,
    options: WatchOptions,
    through?: CallOptions,
  ): AsyncIterableIterator<C, undefined> {
    const ask: AskChanges<C> = (asked, call) => {
      const readPage = ({ changes, revision }: DictServiceWatchResponse) => ({ changes: changes.map(read), revision });
      return this.watching(methods.watch, { name: this.name, key, ...asked }, readPage, { ...call, ...through });
    };
    return watchChanges(this.name, this.context, ask, options, DICT_WATCH_OPTIONS);
  }

  #scan<T>(keysOnly: boolean, read: (entry: DictEntry) => T, options: DictScanOptions | undefined): AsyncGenerator<T, void, undefined> {
    return this.#pages(keysOnly, read, prefixOf(options));
  }

  async *#pages<T>(keysOnly: boolean, read: (entry: DictEntry) => T, prefix: string | undefined): AsyncGenerator<T, void, undefined> {
    let pageToken = '';
    do {
      const request = { name: this.name, pageToken, pageSize: 0, keysOnly, prefix };
      const page = await this.call(methods.scan, request, ({ entries, nextPageToken }) => ({ entries: entries.map(read), nextPageToken }));
      yield* page.entries;
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
  }

  readonly #value = ({ value }: { value?: Payload | undefined }): Frozen<V> | undefined =>
    value === undefined ? undefined : (this.decode(value) as Frozen<V>);

  readonly #map = ({ entries }: { entries: DictEntry[] }): Map<K, Frozen<V>> => new Map(entries.map((entry) => this.#entry(entry)));

  #entry({ key, value }: DictEntry): [K, Frozen<V>] {
    return [key as K, this.decode(value, key) as Frozen<V>];
  }
}
