import { thawDeep } from '../../proto/codec/freeze.js';
import type { SharedDict } from '../objects/dict.js';
import { clearPrefix, setEntries, type EndingEntry } from './entries.js';

/**
 * Store of Keyv 5 and 6 in a dict of the manager. An entry is a key of the dict, which ends with the entry; the namespace is the beginning of
 * its keys. Each method is one round trip, except `iterator` and the `clear` of a namespace, which read the keys page by page.
 */
export class KeyvStore {
  /** Keyv 5 iterates only over stores of a dialect that it knows. */
  readonly opts = { dialect: 'redis', url: '' };
  /** Set by Keyv 5. A field that existed before would tell Keyv 6 to leave the prefix of the namespace to the store. */
  declare namespace: string | undefined;

  /** @param dict the dict: with `maxEntries`, a cache that evicts the entries used least recently */
  constructor(private readonly dict: SharedDict<string>) {}

  async get(key: string): Promise<unknown> {
    return thawDeep(await this.dict.get(key));
  }

  async getMany(keys: string[]): Promise<unknown[]> {
    const found = await this.dict.getMany(keys);
    return keys.map((key) => thawDeep(found.get(key)));
  }

  async has(key: string): Promise<boolean> {
    return this.dict.has(key);
  }

  async hasMany(keys: string[]): Promise<boolean[]> {
    return Promise.all(keys.map((key) => this.dict.has(key)));
  }

  async set(key: string, value: unknown, ttl?: number): Promise<boolean> {
    await this.dict.set(key, value, { ttl });
    return true;
  }

  async setMany(entries: EndingEntry[]): Promise<boolean[]> {
    await setEntries(this.dict, entries);
    return entries.map(() => true);
  }

  async delete(key: string): Promise<boolean> {
    return this.dict.delete(key);
  }

  /** Returns true if all keys existed. */
  async deleteMany(keys: string[]): Promise<boolean> {
    return (await this.dict.deleteMany(keys)) === keys.length;
  }

  async clear(): Promise<void> {
    await clearPrefix(this.dict, this.namespace && `${this.namespace}:`);
  }

  async *iterator(namespace?: string): AsyncGenerator<[string, unknown], void, undefined> {
    const entries = this.dict.entries({ prefix: namespace && `${namespace}:` });
    for await (const [key, value] of entries) yield [key, thawDeep(value)];
  }
}

/**
 * Returns options of Keyv 5 and 6 by which values are stored as the dict stores them, instead of as JSON: dates, Maps, bytes and bigints come
 * back as they were. `new Keyv({ ...keyvOptions(dict), namespace: 'users', ttl: 60_000 })`.
 */
export function keyvOptions(dict: SharedDict<string>): { store: KeyvStore } {
  // The names of Keyv 5 and of Keyv 6 for the same; they are in neither's types as these values.
  return { store: new KeyvStore(dict), serialize: undefined, deserialize: undefined, serialization: false } as { store: KeyvStore };
}
