import { PAYLOADS } from '../../../engine/shared/memory/cells.js';
import type { SharedMemoryDict } from '../../../engine/shared/objects/dict.js';
import type { Key, Payload } from '../../../proto/wire/values.js';
import { deltasOf, pairsOf, type DictEntries } from '../../objects/dict-options.js';
import { SyncProxy } from './sync-proxy.js';
import type { Frozen } from '../../objects/frozen.js';

/** A dict without promises. Nothing of it waits. */
export class SyncDict<K extends Key, V> extends SyncProxy<SharedMemoryDict> implements Iterable<[K, Frozen<V>]> {
  /** The value under a key, or undefined. */
  get(key: K): Frozen<V> | undefined {
    return this.object.get(key, this.codec) as Frozen<V> | undefined;
  }

  /** The entries of those keys that are there, in the order asked. */
  getMany(keys: Iterable<K>): Map<K, Frozen<V>> {
    return new Map(this.object.getMany(Array.from(keys), this.codec) as [K, Frozen<V>][]);
  }

  /** Stores a value under a key. A new key goes to the end, a known one keeps its place. */
  set(key: K, value: V | Frozen<V>): void {
    this.object.set(key, value, this.codec);
  }

  /** Stores many entries at once, of a Map, an object or `[key, value]` pairs. */
  setMany(entries: DictEntries<K, V | Frozen<V>>): void {
    this.object.setMany(Array.from(pairsOf(entries)), this.codec);
  }

  /** Whether a key is there. */
  has(key: K): boolean {
    return this.object.has(key);
  }

  /** Removes a key; answers whether it was there. */
  delete(key: K): boolean {
    return this.object.delete(key);
  }

  /** Removes many keys at once; answers how many were there. */
  deleteMany(keys: Iterable<K>): number {
    return this.object.deleteMany(Array.from(keys));
  }

  /** Number of entries. */
  size(): number {
    return this.object.size;
  }

  /** Removes all entries. */
  clear(): void {
    this.object.clear();
  }

  /** The value under a key, after storing `value` where there was none. */
  getOrInsert(key: K, value: V | Frozen<V>): Frozen<V> {
    return this.object.getOrInsert(key, value, this.codec).value as Frozen<V>;
  }

  /** Removes a key and answers its value, or undefined. */
  pop(key: K): Frozen<V> | undefined {
    return this.object.pop(key, this.codec) as Frozen<V> | undefined;
  }

  /** Removes the newest entry and answers it, or undefined. */
  popItem(): [K, Frozen<V>] | undefined {
    return this.object.popItem(this.codec) as [K, Frozen<V>] | undefined;
  }

  /** Adds to the number under a key, atomically; an absent key counts as 0. Answers the new number. */
  add<N extends number | bigint = number>(key: K, delta: N | 1 = 1): N extends bigint ? bigint : number {
    return this.object.addValue(key, delta) as N extends bigint ? bigint : number;
  }

  /** Adds to the numbers under many keys at once; absent keys count as 0. If one cannot be added to, nothing changes. */
  addMany(counts: DictEntries<K, number | bigint>): void {
    this.object.addMany(deltasOf(counts));
  }

  /** Stores `next` if the key holds what is expected, compared by deep equality; `undefined` stands for an absent key. */
  compareAndSet(key: K, expected: V | Frozen<V> | undefined, next: V | Frozen<V> | undefined): boolean {
    const { codec } = this;
    return this.object.swap(
      key,
      expected === undefined ? undefined : codec.encode(expected),
      next === undefined ? undefined : codec.encode(next),
    );
  }

  /** Changes the value under a key by a function of the present one, which runs again when another came between; answers what was stored. */
  update(key: K, change: (value: Frozen<V> | undefined) => V | Frozen<V> | undefined): Frozen<V> | undefined {
    const { codec } = this;
    for (;;) {
      // As it was stored: it is what must still be there.
      const expected = this.object.get(key, PAYLOADS) as Payload | undefined;
      const next = change(expected === undefined ? undefined : (codec.decode(expected) as Frozen<V>));
      const stored = next === undefined ? undefined : codec.encode(next);
      if (this.object.swap(key, expected, stored)) return stored === undefined ? undefined : (codec.decode(stored) as Frozen<V>);
    }
  }

  /** The keys in order, as they are at one moment. */
  *keys(): Generator<K, void, undefined> {
    for (const [key] of this) yield key;
  }

  /** The values in order of their keys, as they are at one moment. */
  *values(): Generator<Frozen<V>, void, undefined> {
    for (const [, value] of this) yield value;
  }

  /** The entries in order, as they are at one moment. */
  entries(): IterableIterator<[K, Frozen<V>]> {
    return this[Symbol.iterator]();
  }

  [Symbol.iterator](): IterableIterator<[K, Frozen<V>]> {
    return (this.object.entries(this.codec) as [K, Frozen<V>][])[Symbol.iterator]();
  }

  /** All entries as a Map, as they are at one moment. */
  toMap(): Map<K, Frozen<V>> {
    return new Map(this);
  }
}
