import { inspect } from 'node:util';
import { freezeDeep, isFrozenDeep } from '../../proto/codec/freeze.js';
import { mapKey, type MapKey } from '../../proto/codec/key.js';
import { ClosedError, InvalidArgumentError } from '../../proto/errors.js';
import type { Key, Payload } from '../../proto/wire/values.js';
import { listOf } from './arguments.js';
import { pairsOf, type DictChangeOptions, type DictEntries, type DictSetManyOptions, type DictSetOptions } from './dict-options.js';
import type { Frozen } from './frozen.js';
import { checkOptions, type OptionNames } from '../../proto/known-options.js';
import { quoted } from '../../proto/given.js';
import { shown } from '../shown.js';
import type { Transport } from '../connect/transport/transport.js';
import type { Found } from './update.js';
import { milliseconds } from '../wait.js';

/** Options of a near cache. */
export interface CacheOptions {
  /** Maximum number of cached entries, 1 or more; the least recently used are evicted. Default: 10,000. */
  maxEntries?: number | undefined;
  /** Milliseconds after which an entry is read again even if it has not changed. Default: none. */
  ttl?: number | undefined;
}

const CACHE_OPTIONS = { maxEntries: true, ttl: true } satisfies OptionNames<CacheOptions>;

/** Statistics of a near cache. */
export interface CacheStats {
  /** Number of reads answered from memory. */
  readonly hits: number;
  /** Number of reads that went to the manager. */
  readonly misses: number;
  /** Share of hits among all reads, from 0 to 1; 0 before the first read. */
  readonly hitRate: number;
  /** Number of cached entries, including keys known to be absent. */
  readonly entries: number;
  /** Number of entries dropped because their keys changed. */
  readonly invalidations: number;
  /** Number of times that all entries were dropped: the dict was cleared or destroyed, the connection broke, or the watch was lost. */
  readonly resets: number;
}

/** The writing methods of a dict, which the cache passes through. */
interface Writes<K extends Key, V> {
  readonly name: string;
  set(key: K, value: V | Frozen<V>, options?: DictSetOptions): Promise<void>;
  setMany(entries: Iterable<readonly [K, V | Frozen<V>]>, options?: DictSetManyOptions): Promise<void>;
  addMany(counts: Iterable<readonly [K, number | bigint]>, options?: DictChangeOptions): Promise<void>;
  add<N extends number | bigint>(key: K, delta: N | 1, options?: DictChangeOptions): Promise<N extends bigint ? bigint : number>;
  update(
    key: K,
    change: (value: Frozen<V> | undefined) => V | Frozen<V> | undefined,
    options?: DictChangeOptions,
  ): Promise<Frozen<V> | undefined>;
  delete(key: K): Promise<boolean>;
  clear(): Promise<void>;
}

/** The parts of a dict that its cache uses. */
export interface CacheSource<K extends Key, V> {
  readonly dict: Writes<K, V>;
  readonly transport: Transport;
  fetch(key: K): Promise<Found<Frozen<V>> | undefined>;
  decode(payload: Payload): Frozen<V>;
  /** Watches the changes from this call on; without a key for changes of all keys. */
  watch(): Changes<K>;
}

type Changes<K> = AsyncIterableIterator<{ readonly key?: K | undefined }, undefined>;

interface CachedEntry<V> {
  /** Returns the value itself if it is deeply frozen, else a new copy each time. */
  readonly read: () => V | undefined;
  /** The value of this entry alone, kept to hold on to the anonymous objects that it refers to. */
  readonly value: V | undefined;
  readonly expires: number;
}

/**
 * A dict with a near cache: values that were read are kept in this process, and read again from memory until the manager reports a change.
 * Created by {@link SharedDict.cached}; dispose it when it is no longer needed.
 *
 * *Consistency.* A read returns a value that the key had at some moment after the last change reported to this client; it never goes back
 * to an older value. Changes of other clients become visible when the manager's report arrives, which takes about a round trip, or two if
 * changes follow each other fast. Writes through this cache are visible at once. While the connection is down, nothing is read from memory,
 * and afterwards everything is read again. For a read that must see all writes of other clients, use the dict itself. A read from memory
 * does not yield to the event loop, so reports of changes cannot arrive during a loop of such reads: watch the dict to wait for a change.
 *
 * Readers share the values: plain objects and arrays are frozen, others (Maps, Dates, typed arrays) are copied for each read.
 */
export class CachedDict<K extends Key = Key, V = unknown> implements AsyncDisposable {
  readonly #source: CacheSource<K, V>;
  readonly #maxEntries: number;
  readonly #ttl: number | undefined;
  /** Least recently used first. */
  readonly #entries = new Map<MapKey, CachedEntry<Frozen<V>>>();
  /** Stands before the oldest key. A new iterator would step over all places of entries that were deleted before. */
  readonly #oldest = this.#entries.keys();
  /** Pending reads. A read that was removed from here was overtaken by a change: its result is not cached. */
  readonly #fetches = new Map<MapKey, Promise<CachedEntry<Frozen<V>>>>();
  #watch: Changes<K> | undefined;
  /** The connection over which all cached entries were read. */
  #connectionId: string | undefined;
  #closed = false;
  #hits = 0;
  #misses = 0;
  #invalidations = 0;
  #resets = 0;

  /** @internal */
  constructor(source: CacheSource<K, V>, options: CacheOptions = {}) {
    checkOptions(options, CACHE_OPTIONS);
    const { maxEntries = 10_000, ttl } = options;
    if (!Number.isInteger(maxEntries) || maxEntries < 1) {
      throw new InvalidArgumentError(`maxEntries is ${quoted(maxEntries)}: give a whole number, 1 or more`);
    }
    this.#source = source;
    this.#maxEntries = maxEntries;
    this.#ttl = milliseconds('ttl', ttl);
  }

  /** Name of the dict. */
  get name(): string {
    return this.#source.dict.name;
  }

  /** Returns the value under a key, or undefined. No round trip if cached, else one. */
  get(key: K): Promise<Frozen<V> | undefined> {
    const mapped = mapKey(key);
    const entry = this.#isFresh() ? this.#entries.get(mapped) : undefined;
    if (entry === undefined || entry.expires <= performance.now()) return this.#fetch(key, mapped);
    this.#hits++;
    // The order of use matters only once entries may have to be evicted.
    if (this.#entries.size * 2 > this.#maxEntries) this.#keep(mapped, entry);
    return Promise.resolve(entry.read());
  }

  /** Returns the entries of the keys that exist, in the order of `keys`. One round trip for all keys that are not cached. */
  async getMany(keys: Iterable<K>): Promise<Map<K, Frozen<V>>> {
    const asked = listOf('keys', keys);
    const values = await Promise.all(asked.map((key) => this.get(key)));
    const found = new Map<K, Frozen<V>>();
    for (const [index, value] of values.entries()) if (value !== undefined) found.set(asked[index]!, value);
    return found;
  }

  /** Returns true if a key exists. No round trip if cached, else one. */
  async has(key: K): Promise<boolean> {
    return (await this.get(key)) !== undefined;
  }

  /** As {@link SharedDict.set}. One round trip. */
  set(key: K, value: V | Frozen<V>, options?: DictSetOptions): Promise<void> {
    this.#drop(mapKey(key));
    return this.#source.dict.set(key, value, options);
  }

  /** As {@link SharedDict.setMany}. One round trip. */
  setMany(entries: DictEntries<K, V | Frozen<V>>, options?: DictSetManyOptions): Promise<void> {
    const pairs = [...pairsOf(entries)];
    for (const [key] of pairs) this.#drop(mapKey(key));
    return this.#source.dict.setMany(pairs, options);
  }

  /** As {@link SharedDict.add}. One round trip. */
  add<N extends number | bigint = number>(
    key: K,
    delta: N | 1 = 1,
    options?: DictChangeOptions,
  ): Promise<N extends bigint ? bigint : number> {
    this.#drop(mapKey(key));
    return this.#source.dict.add<N>(key, delta, options);
  }

  /** As {@link SharedDict.addMany}. One round trip. */
  addMany(counts: DictEntries<K, number | bigint>, options?: DictChangeOptions): Promise<void> {
    const pairs = [...pairsOf(counts)];
    for (const [key] of pairs) this.#drop(mapKey(key));
    return this.#source.dict.addMany(pairs, options);
  }

  /** As {@link SharedDict.update}, with the same round trips. */
  async update(
    key: K,
    change: (value: Frozen<V> | undefined) => V | Frozen<V> | undefined,
    options?: DictChangeOptions,
  ): Promise<Frozen<V> | undefined> {
    try {
      return await this.#source.dict.update(key, change, options);
    } finally {
      this.#drop(mapKey(key));
    }
  }

  /** As {@link SharedDict.delete}. One round trip. */
  delete(key: K): Promise<boolean> {
    this.#drop(mapKey(key));
    return this.#source.dict.delete(key);
  }

  /** As {@link SharedDict.clear}. One round trip. */
  clear(): Promise<void> {
    this.#reset();
    return this.#source.dict.clear();
  }

  /** Statistics of the cache. No round trip. */
  get stats(): CacheStats {
    const [hits, misses] = [this.#hits, this.#misses];
    const reads = hits + misses;
    return {
      hits,
      misses,
      hitRate: reads === 0 ? 0 : hits / reads,
      entries: this.#entries.size,
      invalidations: this.#invalidations,
      resets: this.#resets,
    };
  }

  /** Returns the state in one line, as `console.log` shows it. */
  toString(): string {
    return this[inspect.custom]();
  }

  /** @internal */
  [inspect.custom](): string {
    return shown(this, `${quoted(this.name)}, entries: ${this.#entries.size}${this.#closed ? ', disposed' : ''}`);
  }

  /** Drops all entries. Later reads throw ClosedError. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#reset();
    await this.#watch?.return?.();
  }

  /**
   * Returns true if cached entries are valid: the connection over which they were read is whole, so no report of a change is overdue.
   */
  #isFresh(): boolean {
    const { connectionId } = this.#source.transport;
    if (connectionId !== undefined && connectionId === this.#connectionId) return true;
    this.#reset();
    this.#connectionId = connectionId;
    return false;
  }

  /** Reads a key from the manager. Concurrent reads of a key share the call, and each decodes its own copy. */
  async #fetch(key: K, mapped: MapKey): Promise<Frozen<V> | undefined> {
    if (this.#closed) throw new ClosedError(`the cache of "${this.name}" was disposed`, { object: this.name });
    this.#misses++;
    const entry = await (this.#fetches.get(mapped) ?? this.#startFetch(key, mapped));
    return entry.read();
  }

  #startFetch(key: K, mapped: MapKey): Promise<CachedEntry<Frozen<V>>> {
    // Watch before the read, so that no change after it is missed.
    if (this.#watch === undefined) this.#follow(this.#source.watch());
    const fetch: Promise<CachedEntry<Frozen<V>>> = this.#source
      .fetch(key)
      .then((present) => this.#entryOf(present))
      .then(
        (entry) => {
          if (this.#ended(mapped, fetch)) this.#keep(mapped, entry);
          return entry;
        },
        (error: unknown) => {
          this.#ended(mapped, fetch);
          throw error;
        },
      );
    this.#fetches.set(mapped, fetch);
    return fetch;
  }

  /** Removes a finished read. Returns true if no change has overtaken it. */
  #ended(mapped: MapKey, fetch: Promise<CachedEntry<Frozen<V>>>): boolean {
    return this.#fetches.get(mapped) === fetch && this.#fetches.delete(mapped);
  }

  #entryOf(present: Found<Frozen<V>> | undefined): CachedEntry<Frozen<V>> {
    const expires = this.#ttl === undefined ? Infinity : performance.now() + this.#ttl;
    if (present === undefined) return { read: nothing, value: undefined, expires };
    const { value, payload } = present;
    freezeDeep(value);
    return { read: isFrozenDeep(value) ? () => value : () => this.#source.decode(payload), value, expires };
  }

  /** Caches an entry as the most recently used. */
  #keep(mapped: MapKey, entry: CachedEntry<Frozen<V>>): void {
    this.#entries.delete(mapped);
    this.#entries.set(mapped, entry);
    if (this.#entries.size > this.#maxEntries) this.#entries.delete(this.#oldest.next().value!);
  }

  #follow(watch: Changes<K>): void {
    this.#watch = watch;
    const ended = (): void => {
      this.#watch = undefined;
      // Changes are no longer reported; the next read starts a new watch.
      this.#reset();
    };
    void this.#listen(watch).then(ended, ended);
  }

  async #listen(watch: Changes<K>): Promise<void> {
    for await (const { key } of watch) {
      if (key === undefined) this.#reset();
      else if (this.#drop(mapKey(key))) this.#invalidations++;
    }
  }

  /** Drops a key, and the result of a pending read of it. Returns true if it was cached. */
  #drop(mapped: MapKey): boolean {
    this.#fetches.delete(mapped);
    return this.#entries.delete(mapped);
  }

  #reset(): void {
    if (this.#entries.size > 0) this.#resets++;
    this.#entries.clear();
    this.#fetches.clear();
  }
}

function nothing(): undefined {
  return undefined;
}
