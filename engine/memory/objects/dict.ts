import { keyOf, mapKey, type MapKey } from '../../../proto/codec/key.js';
import type { NotFoundError } from '../../../proto/errors.js';
import type { DictChange, DictEntry, DictServiceTtlResponse } from '../../../proto/gen/commonhold/v1/dict_wire.js';
import type { StateOf } from '../../../proto/state.js';
import type { Key, Payload } from '../../../proto/wire/values.js';
import { compact } from '../collections/bytes.js';
import { Expiries } from '../lifetime/expiries.js';
import { History, type Histories } from '../watching/history.js';
import { SharedObject, type ObjectKind } from '../lifetime/keyspace.js';
import { OrderedMap, type MapEntry } from '../collections/ordered-map.js';
import { RecencyOrder } from '../collections/recency-order.js';
import type { Restoring } from '../../core/restoring.js';
import { found } from '../../core/state.js';

/** Types of changes, as numbered in the contract. */
export const TYPE = { set: 1, delete: 2, expire: 3, clear: 4, destroy: 5, evict: 6 } as const;

/** The end of a key that a change gives it. */
export interface KeyEnd {
  /** Milliseconds from now; undefined for no end. */
  readonly ttlMs?: number | undefined;
  /** True to give it to a known key too. */
  readonly refresh?: boolean | undefined;
}

/** A dict, as Python's dict and JavaScript's Map. All changes go through its methods. */
export class MemoryDict extends SharedObject {
  readonly kind = 'dict';
  readonly history: History<DictChange>;
  readonly #entries = new OrderedMap(this);
  /** Times to live of the entries. Undefined until there is one: most dicts have none. */
  #expiries: Expiries<MapEntry> | undefined;
  /** The entries by their last use. Undefined if their number has no limit. */
  readonly #recency: RecencyOrder<MapEntry> | undefined;

  constructor(
    name: string,
    private readonly histories: Histories,
    /** Largest number of entries; undefined for no limit. */
    readonly maxEntries?: number,
  ) {
    super(name);
    if (maxEntries !== undefined) this.#recency = new RecencyOrder(histories.use);
    this.history = new History(this.kind, name, bytesOf, histories);
  }

  get size(): number {
    return this.entries.size;
  }

  override get bytes(): number {
    return super.bytes;
  }

  override get waiters(): number {
    return this.history.waiters;
  }

  override get watches(): number {
    return this.history.watches;
  }

  override options(): Record<string, string> {
    return this.maxEntries === undefined ? {} : { maxEntries: String(this.maxEntries) };
  }

  override state() {
    const expiries = this.#expiries?.state(({ key }) => key);
    const recency = this.#recency?.state(({ key }) => key);
    return { entries: this.#entries.state(), expiries, maxEntries: this.maxEntries, recency, history: this.history.state() };
  }

  override restore({ entries, expiries, recency, history }: StateOf<MemoryDict>, restoring: Restoring): void {
    this.#entries.restore(entries);
    const named = (key: MapKey): MapEntry => found(this.#entries.get(keyOf(key)), String(key));
    if (expiries !== undefined) this.#expiring().restore(expiries, restoring, named);
    for (const key of recency ?? []) this.#recency!.use(named(key));
    this.history.restore(history, restoring);
  }

  /** The entries, for reading. */
  get entries(): Omit<OrderedMap, 'get' | 'set' | 'compareAndSet' | 'delete' | 'pop' | 'clear' | 'restore'> {
    return this.#entries;
  }

  /** Returns the value of a key, which was used by that. */
  get(key: Key): Payload | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#recency?.use(entry);
    return entry.value;
  }

  /** Returns the entries of the keys that exist, which were used by that. */
  getMany(keys: readonly Key[]): MapEntry[] {
    const entries = keys.map((key) => this.#entries.get(key)).filter((entry) => entry !== undefined);
    if (this.#recency !== undefined) for (const entry of entries) this.#recency.use(entry);
    return entries;
  }

  /** Returns the value of a key without using it. */
  peek(key: Key): Payload | undefined {
    return this.#entries.get(key)?.value;
  }

  /** Stores a value without a copy, for `ttlMs` milliseconds or without an end. */
  set(key: Key, value: Payload, ttlMs?: number): void {
    const entry = this.#entries.set(key, value);
    this.#end(entry, ttlMs);
    this.#changed(TYPE.set, key, value);
    if (this.#recency !== undefined) this.#bound(entry, this.#recency);
  }

  /**
   * Stores a value computed from the one that the caller has read. A known key keeps its time to live, even if that has ended since the read,
   * unless `end` says otherwise.
   */
  replace(key: Key, value: Payload, end?: KeyEnd): void {
    const { size } = this.#entries;
    const entry = this.#entries.set(key, value);
    if (end !== undefined && (end.refresh === true || this.#entries.size > size)) this.#end(entry, end.ttlMs);
    this.#changed(TYPE.set, key, value);
    if (this.#recency !== undefined) this.#bound(entry, this.#recency);
  }

  /** Stores copies of values as {@link replace} does. */
  replaceMany(entries: readonly DictEntry[], end?: KeyEnd): void {
    for (const { key, value } of entries) this.replace(key, compact(value), end);
  }

  compareAndSet(key: Key, expected: Payload | undefined, next: Payload | undefined, end?: KeyEnd): boolean {
    if (!this.entries.holds(key, expected)) return false;
    if (next === undefined) this.delete(key);
    else this.replace(key, compact(next), end);
    return true;
  }

  /** Ends a key in `ttlMs` milliseconds, or never if that is undefined; it was used by that. Returns false if there is none. */
  touch(key: Key, ttlMs: number | undefined): boolean {
    const entry = this.#entries.get(key);
    if (entry === undefined) return false;
    this.#end(entry, ttlMs);
    this.#recency?.use(entry);
    return true;
  }

  /** Returns the milliseconds until a key ends. No use of the key. */
  ttl(key: Key): DictServiceTtlResponse {
    const entry = this.#entries.get(key);
    if (entry === undefined) return { found: false };
    const left = this.#expiries?.remaining(entry);
    // Not rounded up: the difference of two times is a little above the ttl that was just given.
    return { found: true, ttlMs: left === undefined ? undefined : Math.round(left) };
  }

  /** Removes a key, and returns its value. */
  delete(key: Key): Payload | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const { value } = entry;
    this.#remove(entry, TYPE.delete);
    return value;
  }

  /** Removes and returns the newest entry. */
  pop(): MapEntry | undefined {
    const entry = this.#entries.pop();
    if (entry === undefined) return undefined;
    this.#forget(entry);
    this.#changed(TYPE.delete, keyOf(entry.key));
    return entry;
  }

  clear(): void {
    this.#entries.clear();
    this.#forgetAll();
    this.#changed(TYPE.clear);
  }

  override destroyed(_gone: () => NotFoundError): void {
    this.#forgetAll();
    this.history.destroyed(destroyedAt);
  }

  #end(entry: MapEntry, ttlMs: number | undefined): void {
    if (ttlMs !== undefined || this.#expiries !== undefined) this.#expiring().set(entry, ttlMs);
  }

  #expiring(): Expiries<MapEntry> {
    const { revisions, use } = this.histories;
    return (this.#expiries ??= new Expiries(revisions.clock, (entry) => this.#remove(entry, TYPE.expire), use));
  }

  /** Makes an entry the most recently used, and removes the others that have no room any more. */
  #bound(entry: MapEntry, recency: RecencyOrder<MapEntry>): void {
    recency.use(entry);
    while (this.#entries.size > this.maxEntries!) this.#remove(recency.takeOldest(), TYPE.evict);
  }

  #remove(entry: MapEntry, type: number): void {
    this.#forget(entry);
    const key = keyOf(entry.key);
    this.#entries.delete(key);
    this.#changed(type, key);
  }

  /** Drops everything about an entry that is not in it. */
  #forget(entry: MapEntry): void {
    this.#expiries?.delete(entry);
    this.#recency?.delete(entry);
  }

  #forgetAll(): void {
    this.#expiries?.clear();
    this.#recency?.clear();
  }

  #changed(type: number, key?: Key, value?: Payload): void {
    const revision = this.history.next();
    if (revision === 0) return;
    // The kept form of the key: the key of a request may be a view of its frame.
    this.history.record({ type, key: key === undefined ? undefined : keyOf(mapKey(key)), value, revision });
  }
}

/** Makes the change that reports the end of a dict. */
export function destroyedAt(revision: number): DictChange {
  return { type: TYPE.destroy, revision };
}

function bytesOf({ key, value }: DictChange): number {
  const sized = typeof key === 'string' || typeof key === 'object';
  return (sized ? key.length : 0) + (value?.length ?? 0);
}

export const dictKind: ObjectKind<MemoryDict> = { kind: 'dict', make: (name, { histories }) => new MemoryDict(name, histories) };
