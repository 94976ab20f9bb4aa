import { UnimplementedError } from '../../proto/errors.js';
import {
  DictService,
  type DictChange as WireChange,
  type DictEntry,
  type DictServiceWatchResponse,
} from '../../proto/gen/commonhold/v1/dict_wire.js';
import type { Key, Payload } from '../../proto/wire/values.js';
import { PathOperations } from './path.js';
import type { AtPath, PathInto } from './path-types.js';
import { attempt, nothing, ObjectProxy, type ProxyContext } from './object-proxy.js';
import { found, updatePlace } from './update.js';
import { deltasOf, pairsOf, setRequest, type DictEntries, type DictSetOptions } from './dict-options.js';
import { validKey } from './arguments.js';
import { dictChange, type DictChange } from './changes.js';
import { CachedDict, type CacheOptions } from './cached-dict.js';
import type { CallOptions } from '../connect/transport/transport.js';
import { DICT_WATCH_OPTIONS, watchChanges, type AskChanges, type DictWatchOptions, type WatchOptions } from './watch.js';
import { SyncDict } from '../shared/sync/dict.js';
import type { Frozen } from './frozen.js';

const { methods } = DictService;

/**
 * A dict that many processes share: a Map whose methods are promises, with Python's dict methods
 * beside. Keys keep the order in which they were inserted. Reads give copies, readonly ones ({@link Frozen}): to
 * change a stored value, set it again, or use {@link update}, {@link add} or {@link compareAndSet}, which are atomic.
 *
 * Keys are strings, numbers, bigints, booleans or bytes: `1`, `1n` and `"1"` are three keys, NaN
 * equals itself, -0 is 0. Every method may throw KindMismatchError where the name belongs to another
 * kind, and InvalidArgumentError for a key or value that cannot travel; with a schema, SchemaError for a
 * value that it refuses, given or read.
 */
export class SharedDict<K extends Key = Key, V = unknown> extends ObjectProxy implements AsyncIterable<[K, Frozen<V>]> {
  /** @internal */
  constructor(context: ProxyContext, name: string) {
    super(context, 'dict', name, { method: methods.open, request: { name, exclusive: false } }, false);
  }

  /** The same without promises, where the dict is in shared memory. @throws InvalidArgumentError where it is not */
  get sync(): SyncDict<K, V> {
    return (this.#sync ??= new SyncDict<K, V>(this));
  }
  #sync: SyncDict<K, V> | undefined;

  /** The value under a key, or undefined. One round trip. */
  get(key: K): Promise<Frozen<V> | undefined> {
    return attempt(() => this.call(methods.get, { name: this.name, key: validKey(key) }, this.#value));
  }

  /** The entries of those keys that are there, in the order asked. One round trip. */
  getMany(keys: Iterable<K>): Promise<Map<K, Frozen<V>>> {
    return attempt(() => this.call(methods.getMany, { name: this.name, keys: Array.from(keys, validKey) }, this.#map));
  }

  /**
   * Stores a value under a key. A new key goes to the end, a known one keeps its place. An end that the key
   * had by an earlier `ttl` is gone; {@link add}, {@link compareAndSet} and {@link update} leave it. One
   * round trip.
   * @throws StaleFenceError where a fence is given whose lock is not held under its token now
   */
  set(key: K, value: V | Frozen<V>, options?: DictSetOptions): Promise<void> {
    return attempt(() => this.call(methods.set, setRequest(this.context.transport, this.name, key, this.encode(value), options), nothing));
  }

  /**
   * Stores many entries at once, of a Map, an object or `[key, value]` pairs: no one sees a part of
   * them (Python's `update`). One round trip.
   */
  setMany(entries: DictEntries<K, V | Frozen<V>>): Promise<void> {
    return attempt(() => {
      const encoded = Array.from(pairsOf(entries), ([key, value]) => ({ key: validKey(key), value: this.encode(value) }));
      return this.call(methods.setMany, { name: this.name, entries: encoded }, nothing);
    });
  }

  /** Whether a key is there. One round trip. */
  has(key: K): Promise<boolean> {
    return attempt(() => this.call(methods.has, { name: this.name, key: validKey(key) }, ({ found }) => found));
  }

  /** Removes a key; answers whether it was there. One round trip. */
  delete(key: K): Promise<boolean> {
    return attempt(() => this.call(methods.delete, { name: this.name, key: validKey(key) }, ({ deleted }) => deleted));
  }

  /** Removes many keys at once; answers how many were there. One round trip. */
  deleteMany(keys: Iterable<K>): Promise<number> {
    return attempt(() => this.call(methods.deleteMany, { name: this.name, keys: Array.from(keys, validKey) }, ({ deleted }) => deleted));
  }

  /** Number of entries. One round trip. */
  size(): Promise<number> {
    return this.call(methods.size, { name: this.name }, ({ size }) => size);
  }

  /** Removes all entries. One round trip. */
  clear(): Promise<void> {
    return this.call(methods.clear, { name: this.name }, nothing);
  }

  /** The value under a key, after storing `value` where there was none (Python's `setdefault`). One round trip. */
  getOrInsert(key: K, value: V | Frozen<V>): Promise<Frozen<V>> {
    return attempt(() => {
      const request = { name: this.name, key: validKey(key), value: this.encode(value) };
      return this.call(methods.getOrInsert, request, (response) => this.decode(response.value) as Frozen<V>);
    });
  }

  /** Removes a key and answers its value, or undefined. One round trip. */
  pop(key: K): Promise<Frozen<V> | undefined> {
    return attempt(() => this.call(methods.pop, { name: this.name, key: validKey(key) }, this.#value));
  }

  /** Removes the newest entry and answers it, or undefined (Python's `popitem`). One round trip. */
  popItem(): Promise<[K, Frozen<V>] | undefined> {
    return this.call(methods.popItem, { name: this.name }, ({ entry }) => entry && this.#entry(entry));
  }

  /**
   * Adds to the number under a key, atomically; an absent key counts as 0. Answers the new number. A
   * schema has no say in it, until the number is read. One round trip.
   * @param delta a number, or a bigint where the key holds one; default 1
   * @throws InvalidArgumentError where the key holds no number, or one of the other type
   */
  add<N extends number | bigint = number>(key: K, delta: N | 1 = 1): Promise<N extends bigint ? bigint : number> {
    return attempt(() => {
      const request = { name: this.name, key: validKey(key), delta: this.encodePlain(delta) };
      return this.call(methods.add, request, ({ value }) => this.decodePlain(value) as N extends bigint ? bigint : number);
    });
  }

  /**
   * Adds to the numbers under many keys at once, as {@link add} does to one: for counts that were gathered first, such
   * as those of words (Python's `Counter.update`). A key that comes twice is added to twice. One round trip.
   * @param counts a Map, an object or `[key, delta]` pairs; a delta is a number, or a bigint where the key holds one
   * @throws InvalidArgumentError where a key holds no number, or one of the other type: no key is changed then
   */
  addMany(counts: DictEntries<K, number | bigint>): Promise<void> {
    return attempt(() => this.call(methods.addMany, { name: this.name, deltas: deltasOf(counts) }, nothing));
  }

  /**
   * Stores `next` if the key holds what is expected, compared by deep equality; answers whether it
   * did. `undefined` stands for an absent key, on either side. One round trip.
   */
  compareAndSet(key: K, expected: V | Frozen<V> | undefined, next: V | Frozen<V> | undefined): Promise<boolean> {
    return attempt(() => this.#swap(key, expected === undefined ? undefined : this.encode(expected), next));
  }

  /**
   * Changes the value under a key by a function of the present one; `undefined` stands for an absent
   * key. When someone came between, the function runs again on the newer value: it must have no side
   * effects. Answers what was stored. Two round trips, and two more for each time someone came between.
   */
  async update(key: K, change: (value: Frozen<V> | undefined) => V | Frozen<V> | undefined): Promise<Frozen<V> | undefined> {
    const request = { name: this.name, key: validKey(key) };
    const decode = (payload: Payload): Frozen<V> => this.decode(payload) as Frozen<V>;
    const stored = await updatePlace<V>(
      {
        read: () => this.call(methods.get, request, ({ value }) => found(value, decode)),
        swap: (expected, next) => this.#swap(key, expected, next),
      },
      change,
    );
    return stored === undefined ? undefined : this.normal<V>(stored);
  }

  #swap(key: K, expected: Payload | undefined, next: V | Frozen<V> | undefined): Promise<boolean> {
    const request = { name: this.name, key: validKey(key), expected, next: next === undefined ? undefined : this.encode(next) };
    return this.call(methods.compareAndSet, request, ({ swapped }) => swapped);
  }

  /**
   * A place inside of the value under a key, to work on atomically: `path('ada', 'tags').push('x')`. No
   * round trip.
   * @param path the steps to the place, from the value inwards: see {@link PathOperations}
   */
  path<const P extends readonly Key[]>(key: K, ...path: P extends PathInto<V, P> ? P : PathInto<V, P>): PathOperations<AtPath<V, P>> {
    return new PathOperations(this.context, (method, request, read) => this.call(method, request, read), this.name, key, path);
  }

  /** The keys in order, page by page: see {@link entries}. */
  keys(): AsyncGenerator<K, void, undefined> {
    return this.#scan(true, ({ key }) => key as K);
  }

  /** The values in order of their keys, page by page: see {@link entries}. */
  values(): AsyncGenerator<Frozen<V>, void, undefined> {
    return this.#scan(false, ({ key, value }) => this.decode(value, key) as Frozen<V>);
  }

  /**
   * The entries in order, page by page while they are asked for; a round trip for each 1,000 entries.
   * What is there throughout comes exactly once, also while others insert and delete; what is inserted
   * after the beginning does not come.
   */
  entries(): AsyncGenerator<[K, Frozen<V>], void, undefined> {
    return this.#scan(false, (entry) => this.#entry(entry));
  }

  [Symbol.asyncIterator](): AsyncGenerator<[K, Frozen<V>], void, undefined> {
    return this.entries();
  }

  /**
   * All entries as a Map, as they were at one moment. One round trip.
   * @throws PayloadTooLargeError where they exceed the largest message: iterate instead
   */
  toMap(): Promise<Map<K, Frozen<V>>> {
    return this.call(methods.snapshot, { name: this.name }, this.#map);
  }

  /**
   * Tells what happens to the dict from this call on, whoever does it: every change, in order, until the dict is
   * destroyed, which is the last one. A watch of one `key` tells what happens to that, and `clear` and `destroy`.
   * Values are copies, as they were then. The watch begins here, not with the loop: before any call that this
   * client makes later.
   *
   * What a slow loop has not seen waits in the manager, which keeps the latest 10,000 changes of an object
   * (`--watch-history`), and 16 MiB of them. Where the session is lost, the watch goes on in the next one by itself;
   * for that, the changes are kept a minute longer. One round trip at the beginning, and one for each time that
   * there is something new.
   * @param options.from the revision of the last change that was seen: goes on behind it
   * @param options.timeout milliseconds after which a turn of the loop in which nothing happens throws
   * @throws InvalidArgumentError for a wrong option. The loop: HistoryLostError where changes are no longer known:
   * read the dict anew, and watch it again; TimeoutError; the signal's reason; SessionExpiredError where the session
   * was lost before the watch began; ManagerUnavailableError; PayloadTooLargeError where one change exceeds the
   * largest message
   */
  watch(options: DictWatchOptions<K> = {}): AsyncIterableIterator<DictChange<K, V>, undefined> {
    const key = options.key === undefined ? undefined : validKey(options.key);
    return this.#watch(key, (change) => dictChange<K, V>(change, (payload) => this.decode(payload, change.key)), options);
  }

  /**
   * The dict with a near cache: what is read stays here, and is read again without a round trip, until the
   * manager tells that it changed. See {@link CachedDict} for what its reads can rely on. No round trip.
   * @throws InvalidArgumentError for a wrong option; UnimplementedError where the dict is in shared memory, which is near already
   */
  cached(options?: CacheOptions): CachedDict<K, V> {
    const { name } = this;
    const decode = (payload: Payload): Frozen<V> => this.decode(payload) as Frozen<V>;
    if (this.context.shared !== undefined) {
      throw new UnimplementedError('shared memory does not offer a near cache: read by sync, or use a dict whose home is a manager', {
        object: name,
      });
    }
    return new CachedDict<K, V>(
      {
        dict: this,
        transport: this.context.transport,
        fetch: (key) => attempt(() => this.call(methods.get, { name, key: validKey(key) }, ({ value }) => found(value, decode))),
        decode,
        // What became of a key does not matter here, and a cache keeps no program alive.
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

  async *#scan<T>(keysOnly: boolean, read: (entry: DictEntry) => T): AsyncGenerator<T, void, undefined> {
    let pageToken = '';
    do {
      const request = { name: this.name, pageToken, pageSize: 0, keysOnly };
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
