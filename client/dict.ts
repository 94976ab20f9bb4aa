import { assertKey } from '../proto/codec/key.js';
import { DictService, type DictEntry } from '../proto/gen/commonhold/v1/dict_wire.js';
import type { Key } from '../proto/wire/codec.js';
import { Structure, type Home } from './structure.js';

const { methods } = DictService;

/** Options of a shared dict. */
export interface DictOptions {}

/**
 * A dict that many processes share: a Map whose methods are promises, with Python's dict methods
 * beside. Keys keep the order in which they were inserted. Reads give copies: to change a stored
 * value, set it again, or use {@link update}, {@link add} or {@link compareAndSet}, which are atomic.
 *
 * Keys are strings, numbers, bigints, booleans or bytes: `1`, `1n` and `"1"` are three keys, NaN
 * equals itself, -0 is 0. Every method may throw KindMismatchError where the name belongs to another
 * kind, and InvalidArgumentError for a key or value that cannot travel.
 */
export class SharedDict<K extends Key = Key, V = unknown> extends Structure implements AsyncIterable<[K, V]> {
  /** @internal */
  constructor(home: Home, name: string) {
    super(home, 'dict', name, { method: methods.open, request: { name, exclusive: false } }, false);
  }

  /** The value under a key, or undefined. One round trip. */
  async get(key: K): Promise<V | undefined> {
    assertKey(key);
    const { value } = await this.call(methods.get, { name: this.name, key });
    return value === undefined ? undefined : (this.decode(value) as V);
  }

  /** The entries of those keys that are there, in the order asked. One round trip. */
  async getMany(keys: Iterable<K>): Promise<Map<K, V>> {
    const { entries } = await this.call(methods.getMany, { name: this.name, keys: checked(keys) });
    return new Map(entries.map((entry) => this.#entry(entry)));
  }

  /** Stores a value under a key. A new key goes to the end, a known one keeps its place. One round trip. */
  async set(key: K, value: V): Promise<void> {
    assertKey(key);
    await this.call(methods.set, { name: this.name, key, value: this.encode(value) });
  }

  /**
   * Stores many entries at once, of a Map, an object or `[key, value]` pairs: no one sees a part of
   * them (Python's `update`). One round trip.
   */
  async setMany(entries: Iterable<readonly [K, V]> | (K extends string ? Readonly<Record<string, V>> : never)): Promise<void> {
    const pairs: Iterable<readonly [K, V]> = Symbol.iterator in entries ? entries : (Object.entries(entries) as [K, V][]);
    const encoded = Array.from(pairs, ([key, value]) => {
      assertKey(key);
      return { key, value: this.encode(value) };
    });
    await this.call(methods.setMany, { name: this.name, entries: encoded });
  }

  /** Whether a key is there. One round trip. */
  async has(key: K): Promise<boolean> {
    assertKey(key);
    return (await this.call(methods.has, { name: this.name, key })).found;
  }

  /** Removes a key; answers whether it was there. One round trip. */
  async delete(key: K): Promise<boolean> {
    assertKey(key);
    return (await this.call(methods.delete, { name: this.name, key })).deleted;
  }

  /** Removes many keys at once; answers how many were there. One round trip. */
  async deleteMany(keys: Iterable<K>): Promise<number> {
    return (await this.call(methods.deleteMany, { name: this.name, keys: checked(keys) })).deleted;
  }

  /** Number of entries. One round trip. */
  async size(): Promise<number> {
    return (await this.call(methods.size, { name: this.name })).size;
  }

  /** Removes all entries. One round trip. */
  async clear(): Promise<void> {
    await this.call(methods.clear, { name: this.name });
  }

  /** The value under a key, after storing `value` where there was none (Python's `setdefault`). One round trip. */
  async getOrInsert(key: K, value: V): Promise<V> {
    assertKey(key);
    const response = await this.call(methods.getOrInsert, { name: this.name, key, value: this.encode(value) });
    return this.decode(response.value) as V;
  }

  /** Removes a key and answers its value, or undefined. One round trip. */
  async pop(key: K): Promise<V | undefined> {
    assertKey(key);
    const { value } = await this.call(methods.pop, { name: this.name, key });
    return value === undefined ? undefined : (this.decode(value) as V);
  }

  /** Removes the newest entry and answers it, or undefined (Python's `popitem`). One round trip. */
  async popItem(): Promise<[K, V] | undefined> {
    const { entry } = await this.call(methods.popItem, { name: this.name });
    return entry && this.#entry(entry);
  }

  /**
   * Adds to the number under a key, atomically; an absent key counts as 0. Answers the new number.
   * One round trip.
   * @param delta a number, or a bigint where the key holds one; default 1
   * @throws InvalidArgumentError where the key holds no number, or one of the other type
   */
  async add<N extends number | bigint = number>(key: K, delta: N | 1 = 1): Promise<N extends bigint ? bigint : number> {
    assertKey(key);
    const { value } = await this.call(methods.add, { name: this.name, key, delta: this.encode(delta) });
    return this.decode(value) as N extends bigint ? bigint : number;
  }

  /**
   * Stores `next` if the key holds what is expected, compared by deep equality; answers whether it
   * did. `undefined` stands for an absent key, on either side. One round trip.
   */
  async compareAndSet(key: K, expected: V | undefined, next: V | undefined): Promise<boolean> {
    assertKey(key);
    const request = {
      name: this.name,
      key,
      expected: expected === undefined ? undefined : this.encode(expected),
      next: next === undefined ? undefined : this.encode(next),
    };
    return (await this.call(methods.compareAndSet, request)).swapped;
  }

  /**
   * Changes the value under a key by a function of the present one; `undefined` stands for an absent
   * key. When someone came between, the function runs again on the newer value: it must have no side
   * effects. Answers what was stored. Two round trips, and two more for each time someone came between.
   */
  async update(key: K, change: (value: V | undefined) => V | undefined): Promise<V | undefined> {
    assertKey(key);
    for (;;) {
      const { value: expected } = await this.call(methods.get, { name: this.name, key });
      const changed = change(expected === undefined ? undefined : (this.decode(expected) as V));
      const next = changed === undefined ? undefined : this.encode(changed);
      const { swapped } = await this.call(methods.compareAndSet, { name: this.name, key, expected, next });
      if (swapped) return changed;
    }
  }

  /** The keys in order, page by page: see {@link entries}. */
  async *keys(): AsyncGenerator<K, void, undefined> {
    for await (const { key } of this.#scan(true)) yield key as K;
  }

  /** The values in order of their keys, page by page: see {@link entries}. */
  async *values(): AsyncGenerator<V, void, undefined> {
    for await (const { value } of this.#scan(false)) yield this.decode(value) as V;
  }

  /**
   * The entries in order, page by page while they are asked for; a round trip for each 1,000 entries.
   * What is there throughout comes exactly once, also while others insert and delete; what is inserted
   * after the beginning does not come.
   */
  async *entries(): AsyncGenerator<[K, V], void, undefined> {
    for await (const entry of this.#scan(false)) yield this.#entry(entry);
  }

  [Symbol.asyncIterator](): AsyncGenerator<[K, V], void, undefined> {
    return this.entries();
  }

  /**
   * All entries as a Map, as they were at one moment. One round trip.
   * @throws PayloadTooLargeError where they exceed the largest message: iterate instead
   */
  async toMap(): Promise<Map<K, V>> {
    const { entries } = await this.call(methods.snapshot, { name: this.name });
    return new Map(entries.map((entry) => this.#entry(entry)));
  }

  async *#scan(keysOnly: boolean): AsyncGenerator<DictEntry, void, undefined> {
    let pageToken = '';
    do {
      const page = await this.call(methods.scan, { name: this.name, pageToken, pageSize: 0, keysOnly });
      yield* page.entries;
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
  }

  #entry({ key, value }: DictEntry): [K, V] {
    return [key as K, this.decode(value) as V];
  }
}

function checked(keys: Iterable<Key>): Key[] {
  const list = [...keys];
  list.forEach((key) => assertKey(key));
  return list;
}
