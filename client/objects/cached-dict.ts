import { inspect } from 'node:util';
import { freezeDeep, isFrozenDeep } from '../../proto/codec/freeze.js';
import { mapKey, type MapKey } from '../../proto/codec/key.js';
import { ClosedError, InvalidArgumentError } from '../../proto/errors.js';
import type { Key, Payload } from '../../proto/wire/values.js';
import { pairsOf, type DictEntries, type DictSetOptions } from './dict-options.js';
import type { Frozen } from './frozen.js';
import { checkOptions, type OptionNames } from '../known-options.js';
import { quoted, shown } from '../shown.js';
import type { Transport } from '../connect/transport/transport.js';
import type { Found } from './update.js';
import { milliseconds } from '../wait.js';

/** Options of a near cache. */
export interface CacheOptions {
  /** How many entries are kept, 1 or more; those that were not read for long make way. Default: 10,000. */
  maxEntries?: number | undefined;
  /** Milliseconds after which an entry is read anew, changed or not. Default: none; a change is enough. */
  ttl?: number | undefined;
}

const CACHE_OPTIONS = { maxEntries: true, ttl: true } satisfies OptionNames<CacheOptions>;

/** What a near cache did so far. */
export interface CacheStats {
  /** Reads that were answered from memory. */
  readonly hits: number;
  /** Reads that went to the manager. */
  readonly misses: number;
  /** Hits among all reads, from 0 to 1; 0 before the first. */
  readonly hitRate: number;
  /** Entries that are kept now, absent keys that were asked for among them. */
  readonly entries: number;
  /** Entries that were dropped because their keys changed. */
  readonly invalidations: number;
  /** How often all were dropped: the dict was cleared or destroyed, the session or the watch was lost. */
  readonly resets: number;
}

/** The writes of a dict, which go through the cache to it. */
interface Writes<K extends Key, V> {
  readonly name: string;
  set(key: K, value: V | Frozen<V>, options?: DictSetOptions): Promise<void>;
  setMany(entries: Iterable<readonly [K, V | Frozen<V>]>): Promise<void>;
  addMany(counts: Iterable<readonly [K, number | bigint]>): Promise<void>;
  add<N extends number | bigint>(key: K, delta: N | 1): Promise<N extends bigint ? bigint : number>;
  update(key: K, change: (value: Frozen<V> | undefined) => V | Frozen<V> | undefined): Promise<Frozen<V> | undefined>;
  delete(key: K): Promise<boolean>;
  clear(): Promise<void>;
}

/** What the cache needs of its dict. */
export interface CacheSource<K extends Key, V> {
  readonly dict: Writes<K, V>;
  readonly transport: Transport;
  fetch(key: K): Promise<Found<Frozen<V>> | undefined>;
  decode(payload: Payload): Frozen<V>;
  /** The changes from this call on; without a key, of all keys. */
  watch(): Changes<K>;
}

type Changes<K> = AsyncIterableIterator<{ readonly key?: K | undefined }, undefined>;

interface CachedEntry<V> {
  /** How it is read: the value itself where nobody can change it, else a new copy each time. */
  readonly read: () => V | undefined;
  /** What only the entry has: it keeps the objects without a name that it refers to. */
  readonly value: V | undefined;
  readonly expires: number;
}

/**
 * A dict with a near cache: what was read is kept here, and read again at the speed of memory, until the
 * manager tells that it changed. Made by {@link SharedDict.cached}; dispose it when it is no longer needed.
 *
 * *Consistency.* A read gives a value that the key had at some moment after the last change this client
 * was told of; it never goes back to an older one. Changes of others are seen when the manager's word of
 * them arrives, which takes about a round trip, or two where changes follow each other fast. What was
 * written through this cache is read at once. While the connection is down nothing is read from memory,
 * and after it all is read anew. For a read that must see what others have written, use the dict itself.
 * A read from memory gives no turn to the event loop, and so none to the word of a change: to wait for one,
 * watch the dict.
 *
 * Values are shared between those who read them: plain objects and arrays are frozen, others (Maps, Dates,
 * typed arrays) are copied for each read.
 */
export class CachedDict<K extends Key = Key, V = unknown> implements AsyncDisposable {
  readonly #source: CacheSource<K, V>;
  readonly #maxEntries: number;
  readonly #ttl: number | undefined;
  /** In the order of their use. */
  readonly #entries = new Map<MapKey, CachedEntry<Frozen<V>>>();
  /** Reads under way. One that is no longer here was overtaken by a change: its result is not kept. */
  readonly #fetches = new Map<MapKey, Promise<CachedEntry<Frozen<V>>>>();
  #watch: Changes<K> | undefined;
  /** The session in which all that is kept was read. */
  #session: string | undefined;
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
      throw new InvalidArgumentError(`maxEntries is ${maxEntries}: give a whole number, 1 or more`);
    }
    this.#source = source;
    this.#maxEntries = maxEntries;
    this.#ttl = milliseconds('ttl', ttl);
  }

  /** Name of the dict. */
  get name(): string {
    return this.#source.dict.name;
  }

  /** The value under a key, or undefined. No round trip where it is kept, else one. */
  get(key: K): Promise<Frozen<V> | undefined> {
    const mapped = mapKey(key);
    const entry = this.#isFresh() ? this.#entries.get(mapped) : undefined;
    if (entry === undefined || entry.expires <= performance.now()) return this.#fetch(key, mapped);
    this.#hits++;
    // Only where some will have to go does it matter which were used.
    if (this.#entries.size * 2 > this.#maxEntries) this.#keep(mapped, entry);
    return Promise.resolve(entry.read());
  }

  /** The entries of those keys that are there, in the order asked. One round trip for those that are not kept. */
  async getMany(keys: Iterable<K>): Promise<Map<K, Frozen<V>>> {
    const asked = [...keys];
    const values = await Promise.all(asked.map((key) => this.get(key)));
    const found = new Map<K, Frozen<V>>();
    for (const [index, value] of values.entries()) if (value !== undefined) found.set(asked[index]!, value);
    return found;
  }

  /** Whether a key is there. No round trip where it is kept, else one. */
  async has(key: K): Promise<boolean> {
    return (await this.get(key)) !== undefined;
  }

  /** As {@link SharedDict.set}. One round trip. */
  set(key: K, value: V | Frozen<V>, options?: DictSetOptions): Promise<void> {
    this.#drop(mapKey(key));
    return this.#source.dict.set(key, value, options);
  }

  /** As {@link SharedDict.setMany}. One round trip. */
  setMany(entries: DictEntries<K, V | Frozen<V>>): Promise<void> {
    const pairs = [...pairsOf(entries)];
    for (const [key] of pairs) this.#drop(mapKey(key));
    return this.#source.dict.setMany(pairs);
  }

  /** As {@link SharedDict.add}. One round trip. */
  add<N extends number | bigint = number>(key: K, delta: N | 1 = 1): Promise<N extends bigint ? bigint : number> {
    this.#drop(mapKey(key));
    return this.#source.dict.add<N>(key, delta);
  }

  /** As {@link SharedDict.addMany}. One round trip. */
  addMany(counts: DictEntries<K, number | bigint>): Promise<void> {
    const pairs = [...pairsOf(counts)];
    for (const [key] of pairs) this.#drop(mapKey(key));
    return this.#source.dict.addMany(pairs);
  }

  /** As {@link SharedDict.update}, of which it has the round trips. */
  async update(key: K, change: (value: Frozen<V> | undefined) => V | Frozen<V> | undefined): Promise<Frozen<V> | undefined> {
    try {
      return await this.#source.dict.update(key, change);
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

  /** What the cache did so far. No round trip. */
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

  /** @internal */
  [inspect.custom](): string {
    return shown(this, `${quoted(this.name)}, entries: ${this.#entries.size}${this.#closed ? ', disposed' : ''}`);
  }

  /** Keeps nothing any more. Later reads are a ClosedError. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#reset();
    await this.#watch?.return?.();
  }

  /** Whether what is kept can be used: the manager can still tell of changes, and has done so all the time. */
  #isFresh(): boolean {
    const { connected, sessionId } = this.#source.transport;
    if (connected && sessionId === this.#session) return true;
    if (this.#session !== undefined) this.#reset();
    this.#session = connected ? sessionId : undefined;
    return false;
  }

  /** Reads a key from the manager. Those who ask at once share the call; each reads what it brought for itself. */
  async #fetch(key: K, mapped: MapKey): Promise<Frozen<V> | undefined> {
    if (this.#closed) throw new ClosedError(`the cache of "${this.name}" was disposed`, { object: this.name });
    this.#misses++;
    const entry = await (this.#fetches.get(mapped) ?? this.#startFetch(key, mapped));
    return entry.read();
  }

  #startFetch(key: K, mapped: MapKey): Promise<CachedEntry<Frozen<V>>> {
    // Before the read, so that no change after it goes unseen.
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

  /** A read has ended; says whether no change overtook it. */
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

  /** Keeps an entry as the one that was used last. */
  #keep(mapped: MapKey, entry: CachedEntry<Frozen<V>>): void {
    this.#entries.delete(mapped);
    this.#entries.set(mapped, entry);
    if (this.#entries.size > this.#maxEntries) this.#entries.delete(this.#entries.keys().next().value!);
  }

  #follow(watch: Changes<K>): void {
    this.#watch = watch;
    const ended = (): void => {
      this.#watch = undefined;
      // What happens from now on, nobody tells: the next read begins again.
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

  /** Forgets a key, also what a read under way will bring; says whether it was kept. */
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
