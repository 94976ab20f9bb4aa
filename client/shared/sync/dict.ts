import { PAYLOADS } from '../../../engine/shared/memory/cells.js';
import type { SharedMemoryDict } from '../../../engine/shared/objects/dict.js';
import { checkOptions, NO_OPTIONS, type NoOptions } from '../../../proto/known-options.js';
import type { Key, Payload } from '../../../proto/wire/values.js';
import { listOf } from '../../objects/arguments.js';
import { deltasOf, pairsOf, prefixOf, type DictEntries, type DictScanOptions } from '../../objects/dict-options.js';
import { SyncProxy } from './sync-proxy.js';
import type { Frozen } from '../../objects/frozen.js';

/** The synchronous API of a dict. No operation waits. Times to live and fences are not offered in shared memory. */
export class SyncDict<K extends Key, V> extends SyncProxy<SharedMemoryDict> implements Iterable<[K, Frozen<V>]> {
  /** Returns the value under a key, or undefined. */
  get(key: K): Frozen<V> | undefined {
    return this.object.get(key, this.codec) as Frozen<V> | undefined;
  }

  /** Returns the entries of the keys that exist, in the order of `keys`. */
  getMany(keys: Iterable<K>): Map<K, Frozen<V>> {
    return new Map(this.object.getMany(listOf('keys', keys), this.codec) as [K, Frozen<V>][]);
  }

  /** Stores a value under a key. A new key goes to the end, an existing key keeps its place. */
  set(key: K, value: V | Frozen<V>, options?: NoOptions): void {
    checkOptions(options, NO_OPTIONS);
    this.object.set(key, value, this.codec);
  }

  /** Stores many entries atomically, from a Map, an object or `[key, value]` pairs. */
  setMany(entries: DictEntries<K, V | Frozen<V>>, options?: NoOptions): void {
    checkOptions(options, NO_OPTIONS);
    this.object.setMany(Array.from(pairsOf(entries)), this.codec);
  }

  /** Returns true if a key exists. */
  has(key: K): boolean {
    return this.object.has(key);
  }

  /** Removes a key; returns true if it existed. */
  delete(key: K): boolean {
    return this.object.delete(key);
  }

  /** Removes many keys atomically; returns the number that existed. */
  deleteMany(keys: Iterable<K>): number {
    return this.object.deleteMany(listOf('keys', keys));
  }

  /** Returns the number of entries. */
  size(): number {
    return this.object.size;
  }

  /** Removes all entries. */
  clear(): void {
    this.object.clear();
  }

  /** Returns the value under a key, after storing `value` if the key was absent. */
  getOrInsert(key: K, value: V | Frozen<V>, options?: NoOptions): Frozen<V> {
    checkOptions(options, NO_OPTIONS);
    return this.object.getOrInsert(key, value, this.codec).value as Frozen<V>;
  }

  /** Removes a key and returns its value, or undefined. */
  pop(key: K): Frozen<V> | undefined {
    return this.object.pop(key, this.codec) as Frozen<V> | undefined;
  }

  /** Removes and returns the newest entry, or undefined. */
  popItem(): [K, Frozen<V>] | undefined {
    return this.object.popItem(this.codec) as [K, Frozen<V>] | undefined;
  }

  /** Adds to the number under a key, atomically; an absent key counts as 0. Returns the new number. */
  add<N extends number | bigint = number>(key: K, delta: N | 1 = 1, options?: NoOptions): N extends bigint ? bigint : number {
    checkOptions(options, NO_OPTIONS);
    return this.object.addValue(key, delta) as N extends bigint ? bigint : number;
  }

  /** Adds to the numbers under many keys atomically; absent keys count as 0. If one addition is impossible, nothing changes. */
  addMany(counts: DictEntries<K, number | bigint>, options?: NoOptions): void {
    checkOptions(options, NO_OPTIONS);
    this.object.addMany(deltasOf(counts));
  }

  /** Stores `next` if the key holds `expected`, compared by deep equality; returns true if it did. `undefined` stands for an absent key. */
  compareAndSet(key: K, expected: V | Frozen<V> | undefined, next: V | Frozen<V> | undefined, options?: NoOptions): boolean {
    checkOptions(options, NO_OPTIONS);
    const { codec } = this;
    return this.object.swap(
      key,
      expected === undefined ? undefined : codec.encode(expected),
      next === undefined ? undefined : codec.encode(next),
    );
  }

  /**
   * Changes the value under a key with a function of the current one, which runs again if another thread changed it meanwhile; returns the
   * stored value.
   */
  update(key: K, change: (value: Frozen<V> | undefined) => V | Frozen<V> | undefined, options?: NoOptions): Frozen<V> | undefined {
    checkOptions(options, NO_OPTIONS);
    const { codec } = this;
    for (;;) {
      // Compares with the stored payload, not with the decoded value, which may encode differently.
      const expected = this.object.get(key, PAYLOADS) as Payload | undefined;
      const next = change(expected === undefined ? undefined : (codec.decode(expected) as Frozen<V>));
      const stored = next === undefined ? undefined : codec.encode(next);
      // Before the change, because it may fail.
      const result = stored === undefined ? undefined : (codec.decode(stored) as Frozen<V>);
      if (this.object.swap(key, expected, stored)) return result;
    }
  }

  /** Iterates over a snapshot of the keys, in order. */
  *keys(options?: DictScanOptions): Generator<K, void, undefined> {
    for (const [key] of this.entries(options)) yield key;
  }

  /** Iterates over a snapshot of the values, in the order of their keys. */
  *values(options?: DictScanOptions): Generator<Frozen<V>, void, undefined> {
    for (const [, value] of this.entries(options)) yield value;
  }

  /** Iterates over a snapshot of the entries, in order. */
  entries(options?: DictScanOptions): IterableIterator<[K, Frozen<V>]> {
    return (this.object.entries(this.codec, prefixOf(options)) as [K, Frozen<V>][])[Symbol.iterator]();
  }

  /** As {@link entries}. */
  [Symbol.iterator](): IterableIterator<[K, Frozen<V>]> {
    return this.entries();
  }

  /** Returns all entries as a Map, as one atomic read. */
  toMap(): Map<K, Frozen<V>> {
    return new Map(this);
  }
}
